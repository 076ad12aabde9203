"""The columns of a SELECT: names, stars and what a star leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from sqlglot import exp

from lineage.sql.expressions import Query, sources_of
from lineage.sql.relations import ColumnSource, Relation, Sources
from lineage.sql.scopes import Scope
from lineage.sql.work import spend, spend_on

#: A column without a name is called by its expression, cut; by its place, where that is long.
MAX_NAME = 200
MAX_NAMED_PARTS = 100
STEPS_PER_NAMED_PART = 20


@dataclass(slots=True)
class Output:
    """What a SELECT gives, while it is read."""

    columns: list[tuple[str, Sources]] = field(default_factory=list)
    groups: tuple[tuple[ColumnSource, ...], ...] = ()


def expanded(
    projections: Sequence[exp.Expr], place: Scope, query: Query, dialect: str = ""
) -> Output:
    """Return the columns of a SELECT in order; an alias can be named by what follows it."""
    output = Output()
    for node in projections:
        star, qualifiers = _star(node)
        if star is not None:
            _add_star(star, qualifiers, place, query, output)
            continue
        found = sources_of(node, place, query)
        name = node.alias_or_name or _words(node, dialect) or f"column{len(output.columns) + 1}"
        output.columns.append((name, found))
        if isinstance(node, exp.Alias):
            place.aliases.setdefault(name.lower(), found)
    return output


def _words(node: exp.Expr, dialect: str) -> str:
    """Return an expression as SQL, cut; nothing where it has too many parts to be a name."""
    parts = sum(1 for _ in islice(node.walk(), MAX_NAMED_PARTS + 1))
    if parts > MAX_NAMED_PARTS:
        return ""
    spend(STEPS_PER_NAMED_PART * parts)
    return node.sql(dialect=dialect or None)[:MAX_NAME]


def _star(node: exp.Expr) -> tuple[exp.Star | None, list[str]]:
    if isinstance(node, exp.Star):
        return node, []
    if isinstance(node, exp.Column) and isinstance(node.this, exp.Star):
        return node.this, [part for part in (node.catalog, node.db, node.table) if part]
    return None, []


def _add_star(
    star: exp.Star, qualifiers: list[str], place: Scope, query: Query, output: Output
) -> None:
    relations = place.relations
    if qualifiers:
        named = place.relation(qualifiers)
        relations = [named] if named else []
    left_out = {c.name.lower() for c in _listed(star, "except_", "except")}
    replaced = {a.alias.lower(): a for a in _listed(star, "replace")}
    renamed = {a.this.name.lower(): a.alias for a in _listed(star, "rename")}
    seen: set[str] = set()
    for name, found in _columns(relations, {} if qualifiers else place.merged, seen):
        key = name.lower()
        if key in left_out:
            continue
        if key in replaced:
            found = sources_of(replaced[key].this, place, query, "TRANSFORMATION")
        output.columns.append((renamed.get(key, name), found))
    groups = tuple(group for r in relations for group in r.groups)
    spend_on(len(output.groups) + len(groups))
    output.groups += groups
    if groups:
        for key, alias in replaced.items():
            output.columns.append((key, sources_of(alias.this, place, query, "TRANSFORMATION")))


def _columns(
    relations: Sequence[Relation], merged: dict[str, Sources], seen: set[str]
) -> list[tuple[str, Sources]]:
    """Return the columns of relations; one that is joined by its name comes once."""
    found = []
    for relation in relations:
        spend_on(2 * len(relation.columns))
        for name, sources in relation.columns:
            key = name.lower()
            if key not in merged:
                found.append((name, sources))
            elif key not in seen:
                seen.add(key)
                found.append((name, merged[key]))
    return found


def _listed(star: exp.Star, *keys: str) -> list[exp.Expr]:
    for key in keys:
        value = star.args.get(key)
        if value:
            return list(value) if isinstance(value, list) else [value]
    return []
