"""Recursion that begins at the same depth, wherever the caller stands."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def on_own_stack(function: Callable[[], T]) -> T:
    """Call a function on the stack of a fresh thread and wait for it: a deep caller leaves it no less room."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="own-stack") as thread:
        return thread.submit(function).result()
