"""What is worked on some at a time is cut by `catalog.db.batches.batched`, nowhere by hand."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.guards.test_import_graph import modules

BATCHES = "catalog.db.batches"


def cuts_by_hand(tree: ast.Module) -> Iterator[int]:
    """Find the lines with a range in steps from 0, and with slices of an iterator that is read again and again."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "range" and len(node.args) == 3 and ast.unparse(node.args[0]) == "0":
                yield node.lineno
        elif isinstance(node, ast.While):
            called = {ast.unparse(n.func) for n in ast.walk(node.test) if isinstance(n, ast.Call)}
            if called & {"islice", "itertools.islice"}:
                yield node.lineno


def test_only_one_module_cuts_into_batches() -> None:
    found = {
        f"{path.name}:{line}"
        for name, path in modules().items()
        if name != BATCHES
        for line in cuts_by_hand(ast.parse(path.read_text()))
    }
    assert found == set()


@pytest.mark.parametrize(
    "text",
    [
        "for n in range(0, len(ids), 500):\n    use(ids[n : n + 500])",
        "while part := list(islice(rest, 500)):\n    use(part)",
    ],
)
def test_the_guard_sees_what_is_cut_by_hand(text: str) -> None:
    assert list(cuts_by_hand(ast.parse(text))) == [1]
    assert not list(cuts_by_hand(ast.parse("for part in batched(ids, 500):\n    use(part)")))
