"""Why a contract or descriptor was not taken, sorted by what the sender does next."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.registry.outcomes import Problem


class PublishError(Exception):
    """It was not taken."""


class Refused(PublishError):
    """The document cannot be used as it is; each problem names its field."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.path}: {p.message}" for p in problems))


class NotYours(PublishError):
    """Somebody of the owning team has to send it."""

    def __init__(self, who: str = "the owning team") -> None:
        super().__init__(f"A token of an owner or engineer of {who}, or of an admin, is needed.")
