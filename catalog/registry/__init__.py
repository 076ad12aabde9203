"""The one door: the only code that turns descriptors into rows.

`apply.apply` takes what one source states, in batches of a fixed size. A batch is one transaction and goes
through three stages, each made of frozen values (`stages`) from the one before. The number of queries does
not depend on the size of the batch.

1. *Incoming.* `receive` tells whom each descriptor is about and digests what it states; of two about one
   subject the later counts. `unchanged` finds those that repeat what their source stated last; they only
   get a new date and go no further.
2. *Decided.* `preload` reads what the catalog knows of the rest. `decide` resolves each subject to its row
   (by key, else by GUID), refuses what is another's (`authorize`, `ownership`) and what the catalog cannot
   take (`references`, `limits`), merges the layers (`merge`) and compares them with what was stated before
   (`diff`). `authorize` and `protections` then judge what would change, old and new side. The result is a
   `PendingChange`: its problems, or the layer to store and the changes of its row. Nothing has been written
   so far.
3. *Written.* Layers are stored, then `rows` gives new subjects their ids and writes datasets
   (`dataset_rows`), products (`product_rows`), what hangs on them (`children`, `links`) and the audience
   of datasets. `journal` records a revision and an event of each change. The outcome of each descriptor
   goes back to the caller.

Every way in says who speaks, an `Authority` (`catalog/people/authority.py`): a person, a source with its
team's rights, or a named part of the program. There is no default.

Beside the door stand `edit` (a person's statements, field by field, through the same stages), `observe`
(measurements), `missing_datasets` and `remove` (what is gone); `origins` and `revision_history` read.
"""
