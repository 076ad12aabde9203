"""What an event claims of the way data goes: the facets `columnLineage` and `lineage`. Free of Django.

A claim is about one dataset that is written: from which datasets, and which columns into which. The newer
facet `lineage` supersedes `columnLineage` and is exact: what it does not list does not flow in.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lineage.openlineage.parse import Address, Event, Facets, read_address
from lineage.services.column_flow import ColumnFlow

MAX_PATH = 500


@dataclass(frozen=True, slots=True)
class Claim:
    """Where the data of one dataset comes from; `is_exact`: from nowhere else."""

    is_exact: bool
    flows: Mapping[Address, tuple[ColumnFlow, ...]]

    def dump(self) -> dict[str, Any]:
        """Return it as JSON, the same for the same claim."""
        flows = [[*address, [list(f) for f in found]] for address, found in self.flows.items()]
        return {"exact": self.is_exact, "flows": sorted(flows)}

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Claim:
        """Read what `dump` gave."""
        flows = {
            (ns, name): tuple(ColumnFlow(*f) for f in found) for ns, name, found in data["flows"]
        }
        return cls(data["exact"], flows)

    @property
    def digest(self) -> str:
        """The SHA-256 of the claim."""
        text = json.dumps(self.dump(), separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Flows:
    """What one event says: the claims by dataset written, and what its job reads besides `inputs`."""

    claims: Mapping[Address, Claim]
    reads: tuple[Address, ...] = ()


def flows_of(event: Event) -> Flows:
    """Return the claims of an event."""
    claims: dict[Address, Claim] = {}
    reads: list[Address] = []
    for entry in _objects(event.job_facets.get("lineage", {}).get("entries")):
        _entry(entry, event, claims, reads)
    for mention in event.mentions:
        if mention.direction == "in":
            continue
        claim = claim_of(mention.facets)
        if claim is not None and (claim.is_exact or mention.address not in claims):
            claims[mention.address] = claim
    return Flows(claims, tuple(dict.fromkeys(reads)))


def claim_of(facets: Facets) -> Claim | None:
    """Return what the facets of a dataset claim, None for nothing."""
    explicit = facets.get("lineage")
    if explicit is not None and not explicit.get("_deleted"):
        return _explicit(explicit)
    columns = facets.get("columnLineage")
    if columns is None or columns.get("_deleted"):
        return None
    found: dict[Address, dict[Any, ColumnFlow]] = {}
    fields = columns.get("fields")
    for downstream, field in fields.items() if isinstance(fields, Mapping) else ():
        if isinstance(field, Mapping):
            for source in _objects(field.get("inputFields")):
                _collect(found, source, downstream, field)
    for source in _objects(columns.get("dataset")):
        _collect(found, source, "", columns)
    return Claim(False, _frozen(found)) if found else None


def _explicit(facet: Mapping[str, Any]) -> Claim:
    found: dict[Address, dict[Any, ColumnFlow]] = {}
    for source in _objects(facet.get("inputs")):
        _collect(found, source, "", {}, is_whole=True)
    fields = facet.get("fields")
    for downstream, field in fields.items() if isinstance(fields, Mapping) else ():
        if isinstance(field, Mapping):
            for source in _objects(field.get("inputs")):
                _collect(found, source, downstream, {})
    return Claim(True, _frozen(found))


def _entry(
    entry: Mapping[str, Any], event: Event, claims: dict[Address, Claim], reads: list[Address]
) -> None:
    """Read one target of the job's own `lineage` facet: a dataset it writes, or the job itself."""
    address, _ = read_address(entry, "")
    if entry.get("type") == "DATASET" and address is not None:
        claims[address] = _explicit(entry)
        return
    own = "name" not in entry or address == event.job
    if entry.get("type") != "JOB" or not own:
        return
    for origin in _objects(entry.get("inputs")):
        source, _ = read_address(origin, "")
        if origin.get("type") == "DATASET" and source is not None:
            reads.append(source)


def _collect(
    found: dict[Address, dict[Any, ColumnFlow]],
    source: Mapping[str, Any],
    downstream: str,
    parent: Mapping[str, Any],
    *,
    is_whole: bool = False,
) -> None:
    address, _ = read_address(source, "")
    if (
        address is None
        or source.get("type", "DATASET") == "JOB"
        or any(map(str.isspace, address[0]))
    ):
        return
    flows = found.setdefault(address, {})
    upstream = source.get("field")
    if not isinstance(upstream, str):
        if is_whole:
            return
        upstream = ""
    for flow in _transformed(upstream[:MAX_PATH], downstream[:MAX_PATH], source, parent):
        flows.setdefault(flow.key, flow)


def _transformed(
    upstream: str, downstream: str, source: Mapping[str, Any], parent: Mapping[str, Any]
) -> Iterator[ColumnFlow]:
    transformations = list(_objects(source.get("transformations")))
    for one in transformations:
        masking = one.get("masking")
        yield ColumnFlow(
            upstream,
            downstream,
            str(one.get("type") or "")[:8],
            str(one.get("subtype") or "")[:40],
            masking if isinstance(masking, bool) else None,
            str(one.get("description") or "")[:500],
        )
    if not transformations:
        former = str(parent.get("transformationType") or "")[:40]
        described = str(parent.get("transformationDescription") or "")[:500]
        masks = former == "MASKED" or None
        yield ColumnFlow(upstream, downstream, "DIRECT" if former else "", former, masks, described)


def _frozen(
    found: Mapping[Address, Mapping[Any, ColumnFlow]],
) -> dict[Address, tuple[ColumnFlow, ...]]:
    return {address: tuple(flows[key] for key in sorted(flows)) for address, flows in found.items()}


def _objects(listed: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(listed, Sequence) and not isinstance(listed, str):
        yield from (one for one in listed if isinstance(one, Mapping))
