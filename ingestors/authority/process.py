"""The authority that this process harvests with: what it may reach, and the secrets it was given. Free of Django.

A process that harvests is given one, once, and nothing else of the server's. Without one nothing is open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingestors.authority.permits import Permit


@dataclass(frozen=True, slots=True)
class Authority:
    """A permit, and the value of each reference in the configuration of the source."""

    permit: Permit
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


_held: list[Authority] = []


def hold(authority: Authority) -> None:
    """Work with an authority from now on."""
    _held[:] = [authority]


def held() -> Authority:
    """Return the authority this process works with."""
    if not _held:
        from ingestors.authority.permits import Permit  # whoever only hides secrets needs none

        hold(Authority(Permit(connector="")))
    return _held[0]
