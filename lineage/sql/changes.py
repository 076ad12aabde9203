"""Statements that write: what goes into which columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from lineage.sql.expressions import sources_of
from lineage.sql.queries import Reader, table_name
from lineage.sql.relations import NOTHING, Relation, Sources, plus
from lineage.sql.scopes import Scope
from lineage.sql.types import EVERY, ColumnPair, How, Influence, Statement
from lineage.sql.work import STEPS_PER_PAIR, spend


@dataclass(slots=True)
class StatementBuilder:
    """Collects what a statement does."""

    reader: Reader
    columns: dict[tuple[str, str, str, str], How] = field(default_factory=dict)
    influences: dict[Influence, None] = field(default_factory=dict)
    writes: dict[str, None] = field(default_factory=dict)
    output: tuple[str, ...] = ()

    def column(self, table: str, name: str, sources: Sources) -> None:
        """Note what goes into one column."""
        spend(STEPS_PER_PAIR * len(sources))
        for (from_table, from_column), how in sources.items():
            self.columns[from_table, from_column, table, name] = how

    def rows(self, table: str, sources: Sources) -> None:
        """Note what decides on the rows of a table."""
        spend(STEPS_PER_PAIR * len(sources))
        for (from_table, from_column), how in sources.items():
            if from_table and from_column != EVERY:
                self.influences[Influence(from_table, from_column, table, how)] = None

    def relation(self, table: str, relation: Relation, names: Sequence[str] = ()) -> None:
        """Note that a table gets a query's result, by position if the names are given."""
        if table:
            self.writes[table] = None
        self.rows(table, relation.rows)
        by_position = bool(names) and not relation.groups
        for place, (name, sources) in enumerate(relation.columns):
            if by_position and place >= len(names):
                break
            self.column(table, names[place] if by_position else name, sources)
        for group in relation.groups:
            for opened in group:
                self.column(table, EVERY, opened.column(EVERY))
        self.output = (
            tuple(names[: len(relation.columns)]) if by_position else self._names(relation)
        )

    def done(self, kind: str) -> Statement:
        """Return the statement."""
        pairs = tuple(ColumnPair(*key, how) for key, how in self.columns.items())
        return Statement(
            kind,
            tuple(self.reader.reads),
            tuple(self.writes),
            pairs,
            tuple(self.influences),
            tuple(self.output),
        )

    @staticmethod
    def _names(relation: Relation) -> tuple[str, ...]:
        return (*(name for name, _ in relation.columns), *(EVERY for _ in relation.groups))


def read_query(node: exp.Expr, reader: Reader) -> Statement:
    """Read a query whose result is shown, or put INTO a table."""
    builder = StatementBuilder(reader)
    relation = reader.query(node, Scope({}))
    into = node.find(exp.Into)
    target = table_name(into.this) if into is not None and isinstance(into.this, exp.Table) else ""
    builder.relation(target, relation)
    return builder.done("select-into" if target else "select")


def read_create(node: exp.Create, reader: Reader) -> Statement:
    """Read CREATE TABLE or VIEW, with or without AS, CLONE, LIKE."""
    builder = StatementBuilder(reader)
    target, names = _target(node.this)
    query, clone = node.expression, node.args.get("clone")
    like = node.find(exp.LikeProperty)
    builder.writes[target] = None
    if isinstance(query, exp.Query | exp.Values | exp.Subquery):
        place = Scope(reader.with_named(node, Scope({})))
        builder.relation(target, reader.query(query, place), names)
    elif isinstance(query, exp.Table):
        builder.relation(target, reader.query(query, Scope({})))
    elif isinstance(clone, exp.Clone) and isinstance(clone.this, exp.Table):
        builder.relation(target, reader.query(clone.this, Scope({})))
    elif like is not None and isinstance(like.this, exp.Table):
        reader.base(table_name(like.this), "")
    return builder.done(f"create-{str(node.kind or 'table').lower()}")


def read_insert(node: exp.Insert, reader: Reader, source: Relation | None = None) -> Statement:
    """Read INSERT, INSERT OVERWRITE and one branch of an insert into many."""
    builder = StatementBuilder(reader)
    place = Scope(reader.with_named(node, Scope({})))
    target, names = _target(node.this)
    if not names and not node.args.get("by_name"):
        names = _known_columns(target, node, reader)
    builder.writes[target] = None
    query = node.expression
    if source is not None and isinstance(query, exp.Select) and not query.args.get("from_"):
        query = query.from_(exp.to_table("source_of_all"), copy=True)
        place = Scope({**place.named, "source_of_all": source})
    if isinstance(query, exp.Expr):
        builder.relation(target, reader.query(query, place), names)
    return builder.done("insert")


def read_inserts(node: exp.MultitableInserts, reader: Reader) -> Statement:
    """Read an insert of one source into many tables."""
    source = reader.query(node.args["source"], Scope({}))
    parts = []
    for child in node.expressions:
        insert = child if isinstance(child, exp.Insert) else child.this
        parts.append(read_insert(insert, reader, source.called("source_of_all")))
    return Statement(
        "insert",
        tuple(reader.reads),
        tuple(dict.fromkeys(table for p in parts for table in p.writes)),
        tuple(dict.fromkeys(pair for p in parts for pair in p.columns)),
        tuple(dict.fromkeys(i for p in parts for i in p.influences)),
    )


def read_update(node: exp.Update, reader: Reader) -> Statement:
    """Read UPDATE, with FROM or joins; what a column is made of itself is no lineage."""
    builder = StatementBuilder(reader)
    place = Scope(reader.with_named(node, Scope({})))
    rows = []
    start = node.args.get("from_")
    if isinstance(start, exp.From):
        rows.append(reader.add(start.this, place))
    table = node.this
    alias = table.alias_or_name.lower()
    named = next((r for r in place.relations if r.alias.lower() == alias and r.tables), None)
    if named is not None and not table.db:
        target = named.tables[0]
    else:
        target = table_name(table)
        seen = target in reader.reads
        rows.append(reader.add(table, place))
        if not seen:
            reader.reads.pop(target, None)
    builder.writes[target] = None
    for name, sources in _assigned(node.expressions, place, reader):
        builder.column(target, name, _without(sources, target))
    if isinstance(where := node.args.get("where"), exp.Expr):
        rows.append(sources_of(where, place, reader.query, "FILTER"))
    builder.rows(target, _without(plus(*rows), target))
    if named is not None:
        reader.reads.pop(target, None)
    return builder.done("update")


def read_delete(node: exp.Delete, reader: Reader) -> Statement:
    """Read DELETE: no data comes in, but what it looks at decides on the rows that stay."""
    builder = StatementBuilder(reader)
    place = Scope(reader.with_named(node, Scope({})))
    target = table_name(node.this) if isinstance(node.this, exp.Table) else ""
    rows = [reader.add(table, place) for table in node.args.get("using") or ()]
    if isinstance(node.this, exp.Table):
        place.relations.append(Relation.of((), (), (), node.this.alias_or_name))
    if isinstance(where := node.args.get("where"), exp.Expr):
        rows.append(sources_of(where, place, reader.query, "FILTER"))
    if reader.reads and target:
        builder.writes[target] = None
        builder.rows(target, _without(plus(*rows), target))
    return builder.done("delete")


def read_merge(node: exp.Merge, reader: Reader) -> Statement:
    """Read MERGE: what each branch puts where."""
    builder = StatementBuilder(reader)
    place = Scope(reader.with_named(node, Scope({})))
    target = table_name(node.this)
    using = node.args["using"]
    reader.add(using, place)
    source = place.relations[-1] if place.relations else Relation.of()
    own = target in reader.reads
    reader.add(node.this, place)
    if not own:
        reader.reads.pop(target, None)
    builder.writes[target] = None
    rows = []
    if isinstance(on := node.args.get("on"), exp.Expr):
        rows.append(sources_of(on, place, reader.query, "JOIN"))
    for when in node.args["whens"].expressions:
        if isinstance(condition := when.args.get("condition"), exp.Expr):
            rows.append(sources_of(condition, place, reader.query, "FILTER"))
        _branch(when.args.get("then"), target, source, place, builder)
    builder.rows(target, _without(plus(source.rows, *rows), target))
    return builder.done("merge")


def _branch(
    then: object, target: str, source: Relation, place: Scope, builder: StatementBuilder
) -> None:
    reader = builder.reader
    if isinstance(then, exp.Update):
        if any(isinstance(e, exp.Star) for e in then.expressions):
            builder.relation(target, source)
            return
        for name, sources in _assigned(then.expressions, place, reader):
            builder.column(target, name, _without(sources, target))
    elif isinstance(then, exp.Insert):
        columns, values = then.this, then.expression
        if not isinstance(values, exp.Tuple):
            builder.relation(target, source)
            return
        names = [c.name for c in columns.expressions] if isinstance(columns, exp.Tuple) else []
        names = names or list(reader.known(target) or ())
        for name, value in zip(names, values.expressions, strict=False):
            builder.column(target, name, _without(sources_of(value, place, reader.query), target))


def read_copy(node: exp.Copy, reader: Reader) -> Statement:
    """Read COPY: files into a table, or a table or query into files."""
    builder = StatementBuilder(reader)
    files = [name for file in node.args.get("files") or () if (name := _file(file))]
    if node.args.get("kind"):
        target, _ = _target(node.this)
        reader.reads |= dict.fromkeys(files)
        builder.writes[target] = None
    else:
        relation = reader.query(_unwrapped(node.this), Scope({}))
        for file in files:
            builder.relation(file, relation)
    return builder.done("copy")


def _file(node: exp.Expr) -> str:
    if isinstance(node, exp.Table):
        return table_name(node) if isinstance(node.this, exp.Identifier) else node.this.name
    return node.name


def _unwrapped(node: exp.Expr) -> exp.Expr:
    return node.this if isinstance(node, exp.Schema) else node


def _target(node: exp.Expr) -> tuple[str, tuple[str, ...]]:
    """Return the table that is written, and the columns it names."""
    if isinstance(node, exp.Schema):
        names = tuple(
            e.name for e in node.expressions if isinstance(e, exp.Identifier | exp.ColumnDef)
        )
        return _target(node.this)[0], names
    if isinstance(node, exp.Directory):
        return node.this.name, ()
    return (table_name(node) if isinstance(node, exp.Table) else node.name), ()


def _known_columns(target: str, node: exp.Insert, reader: Reader) -> tuple[str, ...]:
    known = reader.known(target) or ()
    partition = node.args.get("partition") or node.this.args.get("partition")
    fixed = set()
    if isinstance(partition, exp.Partition):
        equal = [e for e in partition.expressions if isinstance(e, exp.EQ)]
        fixed = {e.this.name.lower() for e in equal}
    return tuple(name for name in known if name.lower() not in fixed)


def _assigned(nodes: Iterable[exp.Expr], place: Scope, reader: Reader) -> list[tuple[str, Sources]]:
    found: list[tuple[str, Sources]] = []
    for node in nodes:
        if not isinstance(node, exp.EQ):
            continue
        value = node.expression
        if not isinstance(node.this, exp.Tuple):
            found.append((node.this.name, sources_of(value, place, reader.query)))
        elif isinstance(value, exp.Tuple):
            pairs = zip(node.this.expressions, value.expressions, strict=False)
            found += [(c.name, sources_of(v, place, reader.query)) for c, v in pairs]
        else:
            columns = reader.query(_bare(value), place).columns
            many = zip(node.this.expressions, columns, strict=False)
            found += [(c.name, sources) for c, (_, sources) in many]
    return found


def _bare(node: exp.Expr) -> exp.Expr:
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def _without(sources: Sources, table: str) -> Sources:
    kept = {key: how for key, how in sources.items() if key[0] != table}
    return kept or NOTHING
