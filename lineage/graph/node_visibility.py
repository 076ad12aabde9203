"""Who may see which nodes of a graph: asked set by set, remembered for one question."""

from __future__ import annotations

import numpy as np
from django.contrib.auth.models import AnonymousUser
from numpy.typing import NDArray

from catalog.db.batches import batched
from catalog.models import Dataset, Product, User
from catalog.visibility import viewer_tokens
from lineage.adjacency.ids import among
from lineage.adjacency.paths import datasets_of
from lineage.questions.flows import Keys

Viewer = User | AnonymousUser
_AT_ONCE = 10_000


class NodeVisibility:
    """What one person may see of datasets or products; what is no more counts neither as seen nor as hidden."""

    def __init__(self, user: Viewer, model: type[Dataset] | type[Product]) -> None:
        self.user = user
        self._tokens = viewer_tokens(user)
        self._model = model
        self._seen: set[int] = set()
        self._hidden: set[int] = set()
        self.missing: set[int] = set()

    def hidden(self, keys: Keys) -> NDArray[np.bool_]:
        """Return which of some rows exist and may not be seen."""
        if self._tokens is None:
            return np.zeros(keys.size, np.bool_)
        self.look(keys)
        if not self._hidden:
            return np.zeros(keys.size, np.bool_)
        return np.fromiter((key in self._hidden for key in keys.tolist()), np.bool_, keys.size)

    def hidden_columns(self, keys: Keys) -> NDArray[np.bool_]:
        """Return which columns are of datasets that may not be seen."""
        return self.hidden(datasets_of(keys))

    def seen(self, keys: Keys) -> NDArray[np.bool_]:
        """Return which of some rows exist and may be seen."""
        self.look(keys)
        return np.fromiter((key in self._seen for key in keys.tolist()), np.bool_, keys.size)

    def look(self, keys: Keys) -> None:
        """Read of rows whether they may be seen: one query for all that are not known yet."""
        unknown = set(keys.tolist()) - self._seen - self._hidden - self.missing
        for part in batched(sorted(unknown), _AT_ONCE):
            rows = self._model._default_manager.filter(pk__in=among(part))
            for pk, audience in rows.order_by().values_list("pk", "audience"):
                is_seen = self._tokens is None or audience in self._tokens
                (self._seen if is_seen else self._hidden).add(pk)
        self.missing |= unknown - self._seen - self._hidden
