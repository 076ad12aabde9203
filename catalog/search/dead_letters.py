"""What to do about documents that an index refused."""

from __future__ import annotations

from catalog.models import DeadLetter
from catalog.search.engines import kept
from catalog.search.follow import refresh
from catalog.search.types import Kind

_KINDS: dict[str, Kind] = {"product": "product", "dataset": "dataset"}


def retry(letter: DeadLetter) -> bool:
    """Index the document once more; return whether the index took it. Raises SearchUnavailable."""
    index = kept().get(letter.index)
    if index is None:  # an index that is no longer kept
        dismiss(letter)
        return True
    refresh(letter.index, index, _KINDS[letter.kind], [letter.object_id])
    same = DeadLetter.objects.filter(
        index=letter.index, kind=letter.kind, object_id=letter.object_id
    )
    return not same.exists()


def dismiss(letter: DeadLetter) -> None:
    """Put a letter away; it comes back when the document is refused again."""
    DeadLetter.objects.filter(pk=letter.pk).delete()
