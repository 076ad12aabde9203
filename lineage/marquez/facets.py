"""Facets as they may be told: one that names a dataset or job which is hidden is left out whole."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from catalog.models import Dataset
from lineage.marquez.find import Viewer
from lineage.models import Job
from lineage.openlineage.batch import find_by_address
from lineage.openlineage.parse import Address

Body = dict[str, Any]
#: Under these names events carry facets.
_HOLDERS = frozenset({"facets", "inputFacets", "outputFacets"})


def hidden_in(bodies: Iterable[object], user: Viewer) -> frozenset[Address]:
    """Return what some facets or events name and a person may not see: four queries at most."""
    named = {address for body in bodies for address in addresses_in(body)}
    found: set[Address] = set()
    for rows in (Dataset.objects, Job.objects):
        there = find_by_address(rows.all(), named, "pk") if named else {}
        seen = find_by_address(rows.visible_to(user), there, "pk") if there else {}
        found |= there.keys() - seen.keys()
    return frozenset(found)


def told_facets(facets: Mapping[str, Any], hidden: Collection[Address]) -> Body:
    """Return the facets that name nothing hidden."""
    return {
        name: body
        for name, body in facets.items()
        if not any(a in hidden for a in addresses_in(body))
    }


def told_event(body: Any, hidden: Collection[Address]) -> Any:
    """Return an event without the facets that name something hidden."""
    if isinstance(body, list):
        return [told_event(one, hidden) for one in body]
    if not isinstance(body, Mapping):
        return body
    return {
        name: told_facets(part, hidden)
        if name in _HOLDERS and isinstance(part, Mapping)
        else told_event(part, hidden)
        for name, part in body.items()
    }


def addresses_in(body: object) -> Iterator[Address]:
    """Yield every pair (namespace, name) that stands somewhere in a facet."""
    if isinstance(body, Mapping):
        namespace, name = body.get("namespace"), body.get("name")
        if isinstance(namespace, str) and isinstance(name, str):
            yield namespace, name
        for part in body.values():
            yield from addresses_in(part)
    elif isinstance(body, list):
        for part in body:
            yield from addresses_in(part)
