"""From a query to its relation: the columns of its result, and where each comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from sqlglot import exp

from lineage.sql.expressions import sources_of
from lineage.sql.recursion import around, begin, first_branch, is_recursive
from lineage.sql.relations import (
    NOTHING,
    ColumnSource,
    Relation,
    Sources,
    plus,
    through,
    united,
)
from lineage.sql.scopes import Scope
from lineage.sql.stars import expanded
from lineage.sql.types import ColumnLookup, How
from lineage.sql.work import STEPS_PER_COLUMN, STEPS_PER_QUERY, spend, spend_on

_FILES = frozenset({"parquet", "csv", "json", "orc", "avro", "delta", "text", "binaryfile"})
_ROWS: tuple[tuple[str, How], ...] = (
    ("where", "FILTER"),
    ("having", "FILTER"),
    ("qualify", "FILTER"),
    ("group", "GROUP_BY"),
    ("order", "SORT"),
    ("sort", "SORT"),
    ("distinct", "GROUP_BY"),
)


@dataclass(slots=True)
class Reader:
    """Reads the queries of one statement and collects the tables they read."""

    known: ColumnLookup
    sees_itself: bool = False
    dialect: str = ""
    reads: dict[str, None] = field(default_factory=dict)
    bases: dict[str, Relation] = field(default_factory=dict)
    #: By the first branch of each recursive query that is being read: what makes its columns known to the others.
    recursions: dict[int, Callable[[Relation], None]] = field(default_factory=dict)

    def query(self, node: exp.Expr, outer: Scope) -> Relation:
        """Return what a query, a table or anything in brackets gives, seen from a place."""
        spend(STEPS_PER_QUERY)
        if isinstance(node, exp.Table):
            return self.table(node, outer)
        named = self.with_named(node, outer)
        place = Scope(named, outer)
        if isinstance(node, exp.SetOperation):
            return self._set_operation(node, place)
        if isinstance(node, exp.Select):
            return self._select(node, place)
        if isinstance(node, exp.Subquery):
            return self._brackets(node, place)
        if isinstance(node, exp.Values):
            return self._values(node, place)
        return self._function(node, place)

    def with_named(self, node: exp.Expr, outer: Scope) -> Mapping[str, Relation]:
        """Return the common table expressions a statement can see: those around it, and its own."""
        defined = node.args.get("with_")
        if not isinstance(defined, exp.With):
            return outer.named
        named = around(outer).new_child()
        for cte in defined.expressions:
            place = Scope(named, outer.outer if outer.relations else outer)
            name, columns = cte.alias.lower(), _alias_columns(cte)
            if (defined.recursive or self.sees_itself) and is_recursive(cte, name):
                named[name] = Relation.of()
                begun = partial(begin, named, name, cte.alias, columns)
                self.recursions[id(first_branch(cte.this))] = begun
            named[name] = self.query(cte.this, place).called(cte.alias, columns)
        return named

    def _set_operation(self, node: exp.SetOperation, place: Scope) -> Relation:
        branches: list[tuple[exp.Expr, bool]] = []
        left: exp.Expr = node
        while isinstance(left, exp.SetOperation) and (left is node or not left.args.get("with_")):
            branches.append((left.expression, bool(left.args.get("by_name"))))
            left = left.this
        relations = []
        for branch in (left, *(branch for branch, _ in reversed(branches))):
            relations.append(self.query(branch, Scope(place.named, place.outer)))
            if begun := self.recursions.pop(id(branch), None):
                begun(relations[-1])
        return united(relations, by_name=any(by_name for _, by_name in branches))

    def _brackets(self, node: exp.Subquery, place: Scope) -> Relation:
        inner = self.query(node.this, Scope(place.named, place.outer))
        joins = node.args.get("joins") or ()
        if joins:
            place.relations.append(inner)
            rows = plus(inner.rows, *(self.join(join, place) for join in joins))
            inner = _side_by_side(place, rows)
            if not node.alias:
                return inner
        pivots = node.args.get("pivots")
        if pivots:
            inner = self._pivoted(inner, pivots, place)
        return inner.called(node.alias or inner.alias, _alias_columns(node))

    def _select(self, node: exp.Select, place: Scope) -> Relation:
        rows = [self._from(node, place)]
        output = expanded(node.expressions, place, self.query, self.dialect)
        for key, how in _ROWS:
            part = node.args.get(key)
            if isinstance(part, exp.Expr):
                place.is_after_select = key != "where"
                rows.append(sources_of(part, place, self.query, how))
        return Relation.of(
            output.columns,
            output.groups,
            (table for r in place.relations for table in r.tables),
            rows=plus(*rows),
        )

    def _from(self, node: exp.Expr, place: Scope) -> Sources:
        rows: list[Sources] = []
        start = node.args.get("from_")
        if isinstance(start, exp.From):
            rows.append(self.add(start.this, place))
        for join in node.args.get("joins") or ():
            rows.append(self.join(join, place))
        for lateral in node.args.get("laterals") or ():
            rows.append(self.add(lateral, place))
        return plus(*rows)

    def add(self, node: exp.Expr, place: Scope) -> Sources:
        """Add what stands in FROM to a place; return what decides on its rows."""
        if isinstance(node, exp.Subquery) and _is_join_in_brackets(node):
            rows = self.add(node.this, place)
            joins = [self.join(join, place) for join in node.args.get("joins") or ()]
            return plus(rows, *joins)
        relation = self.query(
            node, place if _sees_neighbours(node) else Scope(place.named, place.outer)
        )
        place.relations.append(relation)
        found = [relation.rows]
        if isinstance(node, exp.Table):
            found += [self.join(join, place) for join in node.args.get("joins") or ()]
            found += [self.add(lateral, place) for lateral in node.args.get("laterals") or ()]
        return plus(*found)

    def join(self, node: exp.Join, place: Scope) -> Sources:
        """Add what is joined to a place; return what decides on its rows."""
        before = list(place.relations)
        spend_on(len(before))
        rows = [self.add(node.this, place)]
        after = place.relations[len(before) :]
        shared = [name.name for name in node.args.get("using") or ()]
        if node.args.get("method") == "NATURAL":
            spend_on(sum(len(r.names) for r in (*before, *after)))
            left = {key for r in before for key in r.names}
            shared = [key for r in after for key in r.names if key in left]
        for name in shared:
            spend_on(2 * len(before))
            sides = [r.find(name) for r in (*before, *after) if r.has(name) or r.groups]
            place.merged[name.lower()] = plus(*filter(None, sides))
            rows.append(through("JOIN", place.merged[name.lower()]))
        if isinstance(on := node.args.get("on"), exp.Expr):
            rows.append(sources_of(on, place, self.query, "JOIN"))
        return plus(*rows)

    def table(self, node: exp.Table, outer: Scope) -> Relation:
        """Return a table, a common table expression or a function's result."""
        if not isinstance(node.this, exp.Identifier | exp.Literal):
            return self._function(node.this, outer).called(node.alias, _alias_columns(node))
        key = node.name.lower()
        if not node.db and key in outer.named:
            relation = outer.named[key].called(node.alias or node.name)
        else:
            relation = self.base(table_name(node), node.name)
        if pivots := node.args.get("pivots"):
            relation = self._pivoted(relation, pivots, outer)
        return relation.called(node.alias or node.name, _alias_columns(node))

    def base(self, name: str, alias: str) -> Relation:
        """Return a table of the database, and note that it is read."""
        self.reads[name] = None
        if name not in self.bases:
            self.bases[name] = self._base(name)
        return self.bases[name].called(alias)

    def _base(self, name: str) -> Relation:
        columns = self.known(name)
        if not columns:
            return Relation.of((), ((ColumnSource(name),),), (name,))
        spend(STEPS_PER_COLUMN * len(columns))
        listed: list[tuple[str, Sources]] = [(c, {(name, c): "IDENTITY"}) for c in columns]
        return Relation.of(listed, (), (name,))

    def _values(self, node: exp.Values, place: Scope) -> Relation:
        columns: list[Sources] = []
        for row in node.expressions:
            cells = row.expressions if isinstance(row, exp.Tuple) else [row]
            for at, cell in enumerate(cells):
                found = sources_of(cell, place, self.query)
                if at == len(columns):
                    columns.append(NOTHING)
                columns[at] = plus(columns[at], found)
        named = [(f"column{at + 1}", found) for at, found in enumerate(columns)]
        return Relation.of(named).called(node.alias, _alias_columns(node))

    def _function(self, node: exp.Expr, place: Scope) -> Relation:
        """Return what a function in FROM gives: any column of it comes from all its arguments."""
        if isinstance(node, exp.Lateral) and isinstance(node.this, exp.Query):
            inner = self.query(node.this, place)
            return inner.called(node.alias, _alias_columns(node))
        sources = through("TRANSFORMATION", _arguments(node, place, self))
        alias, names = node.alias, _alias_columns(node)
        if isinstance(node, exp.Lateral) and not names:
            names = _alias_columns(node.this)
        named: list[tuple[str, Sources]] = [(name, sources) for name in names]
        if not names and alias:
            named = [(alias, sources)]
        return Relation.of(named, ((ColumnSource("", sources),),) if not names else (), (), alias)

    def _pivoted(self, relation: Relation, pivots: list[exp.Pivot], outer: Scope) -> Relation:
        place = Scope(outer.named, outer.outer, [relation])
        sources: list[Sources] = []
        used: set[str] = set()
        for pivot in pivots:
            for part in (*pivot.expressions, *(pivot.args.get("fields") or ())):
                sources.append(sources_of(part, place, self.query, "AGGREGATION"))
                used |= {column.name.lower() for column in part.find_all(exp.Column)}
        spend_on(len(relation.columns))
        kept = [(name, found) for name, found in relation.columns if name.lower() not in used]
        whole = plus(*sources)
        made = [(c.name, whole) for pivot in pivots for c in pivot.args.get("columns") or ()]
        groups = relation.groups or (() if made else ((ColumnSource("", whole),),))
        alias = next((pivot.alias for pivot in pivots if pivot.alias), relation.alias)
        return Relation.of([*kept, *made], groups, relation.tables, alias, relation.rows)


def table_name(node: exp.Table) -> str:
    """Return a table as written: `catalog.schema.table`; a file or folder by its path alone."""
    if node.db.lower() in _FILES and not node.catalog and ("/" in node.name or ":" in node.name):
        return node.name
    parts = [part.name for part in node.parts]
    return ".".join(part for part in parts if part)


def _arguments(node: exp.Expr, place: Scope, reader: Reader) -> Sources:
    inner = node.this if isinstance(node, exp.Lateral) else node
    if isinstance(inner, exp.Unnest):
        return plus(*(sources_of(e, place, reader.query) for e in inner.expressions))
    return sources_of(inner, place, reader.query) if isinstance(inner, exp.Expr) else NOTHING


def _side_by_side(place: Scope, rows: Sources) -> Relation:
    columns = [pair for r in place.relations for pair in r.columns]
    groups = tuple(group for r in place.relations for group in r.groups)
    return Relation.of(columns, groups, (t for r in place.relations for t in r.tables), rows=rows)


def _is_join_in_brackets(node: exp.Subquery) -> bool:
    inner: exp.Expr = node
    while isinstance(inner, exp.Subquery) and not inner.alias:
        inner = inner.this
    return isinstance(inner, exp.Table)


def _sees_neighbours(node: exp.Expr) -> bool:
    is_function = isinstance(node, exp.Table) and not isinstance(node.this, exp.Identifier)
    return is_function or isinstance(node, exp.Lateral | exp.Unnest)


def _alias_columns(node: exp.Expr) -> tuple[str, ...]:
    alias = node.args.get("alias")
    if not isinstance(alias, exp.TableAlias):
        return ()
    return tuple(column.name for column in alias.args.get("columns") or ())
