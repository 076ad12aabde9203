"""What a name means at one place of a query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lineage.sql.relations import NOTHING, Relation, Sources, plus
from lineage.sql.work import spend_on


@dataclass(slots=True)
class Scope:
    """What one SELECT can name: its relations, merged columns, its own aliases, and what is around it."""

    named: Mapping[str, Relation]
    outer: Scope | None = None
    relations: list[Relation] = field(default_factory=list)
    merged: dict[str, Sources] = field(default_factory=dict)
    aliases: dict[str, Sources] = field(default_factory=dict)
    is_after_select: bool = False

    def find(self, name: str, qualifiers: Sequence[str] = ()) -> Sources:
        """Return where a column comes from; one of an empty table where that cannot be told."""
        place: Scope | None = self
        while place is not None:
            found = place._qualified(name, qualifiers) if qualifiers else place._plain(name)
            if found is not None:
                return found
            place = place.outer
        if not qualifiers:
            return {("", name): "IDENTITY"}
        return self._field(name, qualifiers)

    def relation(self, qualifiers: Sequence[str]) -> Relation | None:
        """Return the relation something is qualified by."""
        last = qualifiers[-1].lower()
        spend_on(len(self.relations))
        near = [r for r in self.relations if r.alias.lower() == last]
        if len(qualifiers) > 1 and near:
            whole = ".".join(qualifiers).lower()
            spend_on(sum(len(r.tables) for r in near))
            exact = [r for r in near if any(t.lower().endswith(whole) for t in r.tables)]
            near = exact or (near if len(qualifiers) > 2 else [])
        return near[0] if near else None

    def _qualified(self, name: str, qualifiers: Sequence[str]) -> Sources | None:
        relation = self.relation(qualifiers)
        return relation.find(name) if relation else None

    def _plain(self, name: str) -> Sources | None:
        key = name.lower()
        spend_on(3 * len(self.relations))
        if self.is_after_select and key in self.aliases:
            return self.aliases[key]
        if key in self.merged:
            return self.merged[key]
        sure = [r.names[key] for r in self.relations if r.has(key)]
        if sure:
            return plus(*sure)
        maybe = [r for r in self.relations if r.groups]
        if len(maybe) == 1:
            return maybe[0].find(name)
        if key in self.aliases:
            return self.aliases[key]
        whole = next((r for r in self.relations if r.alias.lower() == key), None)
        if whole is not None:
            return whole.every()
        return {("", name): "IDENTITY"} if maybe else None

    def _field(self, name: str, qualifiers: Sequence[str]) -> Sources:
        """Return a field of a nested column: `column.field`, `relation.column.field`."""
        head, *path = [*qualifiers, name]
        relation = self.relation([head])
        if relation is not None and path:
            column, *path = path
            whole = relation.find(".".join([column, *path])) if not relation.groups else None
            found = whole or relation.find(column)
        else:
            found = self.find(head) if self.relations else NOTHING
        return found or {("", ".".join([*qualifiers, name])): "IDENTITY"}
