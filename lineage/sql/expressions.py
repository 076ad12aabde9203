"""Where the value of an expression comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlglot import exp

from lineage.sql.relations import Relation, Sources, plus, through
from lineage.sql.scopes import Scope
from lineage.sql.types import EVERY, How, composed
from lineage.sql.work import STEPS_PER_NODE, spend, spend_on

Query = Callable[[exp.Expr, Scope], Relation]
_SAME = (exp.Alias, exp.Paren, exp.Aliases, exp.PropertyEQ)


def sources_of(node: exp.Expr, scope: Scope, query: Query, how: How = "IDENTITY") -> Sources:
    """Return the columns an expression is made of; `query` reads the sub-queries in it."""
    found: list[Sources] = []
    stack: list[tuple[exp.Expr, How]] = [(node, how)]
    while stack:
        inner, way = stack.pop()
        spend(STEPS_PER_NODE)
        if isinstance(inner, exp.Column):
            found.append(through(way, _column(inner, scope)))
        elif isinstance(inner, exp.Star):
            found.append(through(way, _rows_of(scope)))
        elif isinstance(inner, exp.Query | exp.Table):
            found.append(through(way, _result(query(inner, scope))))
        elif isinstance(inner, exp.Exists) or inner.args.get("query") is not None:
            stack += [(child, "CONDITIONAL") for child in inner.iter_expressions()]
        else:
            stack += [(child, composed(way, step)) for child, step in _parts(inner)]
    return plus(*found)


def _parts(node: exp.Expr) -> Iterator[tuple[exp.Expr, How]]:
    """Yield the parts of an expression and how each goes into it."""
    if isinstance(node, exp.Case):
        for branch in node.args.get("ifs") or ():
            yield branch, "TRANSFORMATION"
        if isinstance(default := node.args.get("default"), exp.Expr):
            yield default, "TRANSFORMATION"
        if isinstance(node.this, exp.Expr):
            yield node.this, "CONDITIONAL"
        return
    step: How = "TRANSFORMATION"
    if isinstance(node, _SAME):
        step = "IDENTITY"
    elif isinstance(node, exp.AggFunc):
        step = "AGGREGATION"
    shadowed = _parameters(node)
    for key, value in node.args.items():
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, exp.Expr) or key in ("alias", "to"):
                continue
            if shadowed and isinstance(child, exp.Column) and child.name in shadowed:
                continue
            yield child, _way(node, key, step)


def _way(node: exp.Expr, key: str, step: How) -> How:
    if isinstance(node, exp.Window) and key != "this":
        return "WINDOW"
    if isinstance(node, exp.If) and key == "this":
        return "CONDITIONAL"
    if isinstance(node, exp.Filter) and key == "expression":
        return "CONDITIONAL"
    return step


def _parameters(node: exp.Expr) -> frozenset[str]:
    if not isinstance(node, exp.Lambda):
        return frozenset()
    return frozenset(parameter.name for parameter in node.expressions)


def _column(node: exp.Column, scope: Scope) -> Sources:
    qualifiers = [part for part in (node.catalog, node.db, node.table) if part]
    if isinstance(node.this, exp.Star):
        relation = scope.relation(qualifiers) if qualifiers else None
        return relation.every() if relation else _rows_of(scope)
    return scope.find(node.name, qualifiers)


def _rows_of(scope: Scope) -> Sources:
    """Return that something depends on the rows of all relations, as `count(*)` does."""
    spend_on(sum(1 + len(r.tables) for r in scope.relations))
    return {(table, EVERY): "IDENTITY" for r in scope.relations for table in r.tables}


def _result(relation: Relation) -> Sources:
    return plus(relation.every(), through("CONDITIONAL", relation.rows))
