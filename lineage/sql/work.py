"""How much work reading SQL may take, counted in steps: the same text has the same answer on any machine.

A step is about a microsecond of a core of 2.5 GHz; what is dear costs several. Every limit is told by the one
that is hit.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

#: Of what is read at once, in characters: 0.7 s to cut into tokens.
MAX_LENGTH = 200_000
MAX_STATEMENTS = 500
#: Brackets, CASEs and signs before them that stand in each other. sqlglot takes some 22 of Python's 1,000
#: frames for each, so that what is allowed can be read.
MAX_DEPTH = 36


class WorkLimitExceeded(ValueError):
    """A statement would need more work than is allowed."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many steps something may take, and what it is in words."""

    steps: int
    words: str


#: To parse one statement, in all dialects it is tried in.
PARSING = Allowance(250_000, "be parsed")
#: To follow the columns of one statement.
FOLLOWING = Allowance(150_000, "follow its columns")
#: All statements of a script.
SCRIPT = Allowance(1_500_000, "read the whole script")
#: To put the statements of a script together.
JOINING = Allowance(1_000_000, "put the statements together")

STEPS_PER_TOKEN = 10
#: A node of a tree that is copied and whose names are told again.
STEPS_PER_COPY = 12
STEPS_PER_NODE = 4
STEPS_PER_QUERY = 20
STEPS_PER_PAIR = 3
STEPS_PER_CHARACTER = 2
STEPS_PER_ATTEMPT = 300
STEPS_PER_COLUMN = 1
SOURCES_PER_STEP = 4


class Work:
    """Counts the steps of one script; each statement has an allowance within the script's."""

    def __init__(self, whole: Allowance = SCRIPT) -> None:
        self.spent = 0
        self.whole = whole
        self._part, self._until = whole, whole.steps

    @property
    def is_over(self) -> bool:
        """Whether the script has taken all it may."""
        return self.spent >= self.whole.steps

    def begin(self, part: Allowance) -> None:
        """Give the next part its allowance, within what the whole has left."""
        self._part, self._until = part, self.spent + part.steps
        if self._until > self.whole.steps:
            self._part, self._until = self.whole, self.whole.steps

    def spend(self, steps: int) -> None:
        """Count steps; raise WorkLimitExceeded where so many are not left."""
        if self.spent + steps > self._until:
            self.spent = self._until
            self.require(steps)
        self.spent += steps

    def require(self, steps: int) -> None:
        """Raise WorkLimitExceeded where so many steps are not left; count none."""
        if self.spent + steps > self._until:
            part = self._part
            if part is self.whole:
                self.spent = self._until
            raise WorkLimitExceeded(f"it takes more than {part.steps:,} steps to {part.words}")


_current: ContextVar[Work] = ContextVar("work")


@contextmanager
def counted(work: Work) -> Iterator[Work]:
    """Count what is done inside as work of one script."""
    token = _current.set(work)
    try:
        yield work
    finally:
        _current.reset(token)


def current() -> Work:
    """Return the work that is being done."""
    return _current.get()


def spend(steps: int) -> None:
    """Count steps of the work that is being done."""
    _current.get().spend(steps)


def spend_on(things: int) -> None:
    """Count the work on many small things, as the sources of columns."""
    _current.get().spend(1 + things // SOURCES_PER_STEP)
