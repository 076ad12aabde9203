"""Rules that were told in many places once: cutting into batches, and the tokens of audiences."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

import pytest

from tests.guards.test_import_graph import modules

#: Prefixes of the tokens that `catalog.visibility` makes.
TOKENS = ("domain:", "team:", "user:")


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


def tokens_by_hand(tree: ast.Module) -> Iterator[int]:
    """Find the lines that write a token themselves."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and len(node.values) == 2:
            head = node.values[0]
            if isinstance(head, ast.Constant) and head.value in TOKENS:
                yield node.lineno


@pytest.mark.parametrize(
    ("find", "allowed"),
    [
        (cuts_by_hand, {"catalog.db.batches"}),
        # The options of a form name owners by their keys; those are no tokens.
        (tokens_by_hand, {"catalog.visibility", "portal.forms.namespaces"}),
    ],
)
def test_a_rule_stands_in_one_module(
    find: Callable[[ast.Module], Iterator[int]], allowed: set[str]
) -> None:
    found = {name for name, path in modules().items() if any(find(ast.parse(path.read_text())))}
    assert found == allowed


@pytest.mark.parametrize(
    ("find", "text"),
    [
        (cuts_by_hand, "for n in range(0, len(ids), 500):\n    use(ids[n : n + 500])"),
        (cuts_by_hand, "while part := list(islice(rest, 500)):\n    use(part)"),
        (tokens_by_hand, 'token = f"user:{pk}"'),
    ],
)
def test_the_guard_sees_a_rule_told_again(
    find: Callable[[ast.Module], Iterator[int]], text: str
) -> None:
    assert list(find(ast.parse(text))) == [1]
    assert not list(find(ast.parse("for part in batched(ids, 500):\n    use(part)")))
