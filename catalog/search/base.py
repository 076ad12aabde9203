"""What a search backend does. Free of Django: it gets documents and returns ids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from catalog.search.types import Completion, Document, Health, Kind, Query, SearchResult, Viewers


class SearchError(Exception):
    """Base of what goes wrong in search."""


class SearchUnavailable(SearchError):
    """The backend does not answer now; asking again later may work."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A document that an index will not take, however often it is asked."""

    kind: Kind
    id: int
    reason: str


class DocumentsRejected(SearchError):
    """Some documents were refused for good; all others are written."""

    def __init__(self, rejections: Sequence[Rejection]) -> None:
        super().__init__(f"{len(rejections)} documents refused; the first: {rejections[0].reason}")
        self.rejections = tuple(rejections)


class Keeper(Protocol):
    """Where documents are written."""

    def index(self, documents: Iterable[Document]) -> None:
        """Add the documents, or replace those of the same kind and id; DocumentsRejected at the end."""
        ...

    def delete(self, kind: Kind, ids: Iterable[int]) -> None:
        """Take documents out; unknown ids are ignored."""
        ...


class SearchBackend(Keeper, Protocol):
    """An index of products and datasets.

    `remote` says that it may fail on its own (another process): callers then fall back.
    Every question says who asks; a backend neither returns nor counts what that person may not see.
    """

    remote: ClassVar[bool]

    def rebuild(
        self, documents: Iterable[Document], catch_up: Callable[[Keeper], None] | None = None
    ) -> int:
        """Replace everything: built beside what still answers, then swapped. Return the count.

        `catch_up` writes what changed meanwhile; it is called before the swap.
        """
        ...

    def search(self, query: Query) -> SearchResult:
        """Answer a question."""
        ...

    def count(self, query: Query) -> int:
        """Count what a question finds as it stands, without help for misspelled words."""
        ...

    def suggest(self, prefix: str, *, viewers: Viewers, limit: int = 8) -> tuple[Completion, ...]:
        """Complete what is being typed with names the viewers may see, best first."""
        ...

    def known(self, kind: Kind) -> dict[int, str]:
        """Return id -> fingerprint of all documents held, to compare with the catalog."""
        ...

    def is_current(self) -> bool:
        """Return whether the index exists and is of this version; raises SearchUnavailable."""
        ...

    def check(self) -> Health:
        """Say how the index is."""
        ...

    def close(self) -> None:
        """Let go of connections and memory."""
        ...
