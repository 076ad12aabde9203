"""Who pushes and how, and whoever takes a kind of line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.models import User
from catalog.people.authority import PersonAuthority
from catalog.push.lines import BESIDE, Line
from catalog.push.results import LineResult


@dataclass(frozen=True, slots=True)
class Call:
    """One push. `source` names the speaker; empty: the owning team of each line speaks."""

    by: User
    at: datetime
    source: str = ""
    is_dry: bool = False
    is_atomic: bool = False
    is_complete: bool = False
    is_confirmed: bool = False

    @property
    def authority(self) -> PersonAuthority:
        """Whoever speaks through the door: the sender, whatever source they name."""
        return PersonAuthority(self.by)

    @property
    def is_whole(self) -> bool:
        """Tell whether it runs in one transaction."""
        return self.is_dry or self.is_atomic

    def source_for(self, team: str) -> str:
        """Name the speaker in layers."""
        return f"push:{self.source or team}"


#: Takes the lines of its kind in a batch; answers each of them. Runs in a transaction.
Taker = Callable[[Sequence[Line], Call], list[LineResult]]
_takers: dict[str, Taker] = {}


def takes(kind: str) -> bool:
    """Tell whether somebody takes this kind of line."""
    return kind in _takers


def register(kind: str, taker: Taker) -> None:
    """Let a kind of line be taken; floors above the catalog bring their own."""
    _takers[kind] = taker


def takers() -> list[tuple[str, Taker]]:
    """Return the kinds in the order in which a batch is taken: what others build on comes first."""
    return [(kind, _takers[kind]) for kind in BESIDE if kind in _takers]
