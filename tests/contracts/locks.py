"""What every kind of lock promises."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import IO

from catalog.db.locks import Locks

Elsewhere = Callable[[int], "subprocess.Popen[str]"]
"""Starts a process that takes a lock, says `held` or `busy`, and waits to be killed."""


def elsewhere(code: str, environment: dict[str, str]) -> subprocess.Popen[str]:
    """Run Python code that takes a lock in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True
    )


def said(process: subprocess.Popen[str]) -> str:
    """Wait for the line a process says."""
    out: IO[str] | None = process.stdout
    assert out is not None
    return out.readline().strip()


class LocksContract:
    """Inherit, and give `locks` and `elsewhere` as fixtures."""

    def test_a_lock_is_taken_once(self, locks: Locks) -> None:
        first = locks.take(1)
        assert first is not None
        assert first.is_held()
        assert locks.take(1) is None
        first.release()
        assert not first.is_held()
        again = locks.take(1)
        assert again is not None
        again.release()

    def test_locks_of_other_numbers_are_others(self, locks: Locks) -> None:
        first, second = locks.take(1), locks.take(2)
        assert first is not None
        assert second is not None
        first.release()
        assert second.is_held()
        assert locks.take(2) is None
        second.release()

    def test_giving_back_twice_gives_nothing_of_others_back(self, locks: Locks) -> None:
        first = locks.take(1)
        assert first is not None
        first.release()
        second = locks.take(1)
        first.release()
        assert second is not None
        assert second.is_held()
        assert locks.take(1) is None
        second.release()

    def test_a_lock_dies_with_its_holder(self, locks: Locks, elsewhere: Elsewhere) -> None:
        holder = elsewhere(7)
        try:
            assert said(holder) == "held"
            assert locks.take(7) is None
            other = elsewhere(7)
            assert said(other) == "busy"
            other.wait(timeout=30)
            assert other.stdout is not None
            other.stdout.close()
        finally:
            holder.kill()
            holder.communicate(timeout=30)
        for _ in range(100):  # a server sees the end of a connection within moments
            if (mine := locks.take(7)) is not None:
                break
        assert mine is not None
        mine.release()
