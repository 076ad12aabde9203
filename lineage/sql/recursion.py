"""Queries that read themselves: what their first branch gives, the others read. Each is read once."""

from __future__ import annotations

from collections import ChainMap

from sqlglot import exp

from lineage.sql.relations import Relation
from lineage.sql.scopes import Scope
from lineage.sql.work import spend


def around(place: Scope) -> ChainMap[str, Relation]:
    """Return the queries with names that a place can see; more can be put before them."""
    named = place.named
    return named if isinstance(named, ChainMap) else ChainMap(dict(named))


def is_recursive(cte: exp.CTE, name: str) -> bool:
    """Tell whether a query with a name reads itself."""
    if not isinstance(cte.this, exp.SetOperation):
        return False
    for node in cte.this.walk():
        spend(1)
        if isinstance(node, exp.Table) and node.name.lower() == name and not node.db:
            return True
    return False


def first_branch(node: exp.Expr) -> exp.Expr:
    """Return the branch of a set operation that is read first."""
    first = node
    while isinstance(node, exp.SetOperation | exp.Subquery):
        if isinstance(node, exp.SetOperation):
            first = node.this
        node = node.this
    return first


def begin(
    named: ChainMap[str, Relation],
    name: str,
    alias: str,
    columns: tuple[str, ...],
    first: Relation,
) -> None:
    """Let the other branches of a recursive query see the columns of its first."""
    named[name] = first.called(alias, columns)
