"""Take lines about products and datasets: judged one by one, through the one door together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.descriptors import (
    DatasetDescriptor,
    Descriptor,
    LayerKind,
    ProductDescriptor,
    Sensitivity,
)
from catalog.models import Product, Team
from catalog.push.call import Call
from catalog.push.forms import (
    DATASET,
    PRODUCT,
    Form,
    WrongFields,
    as_sent,
    fields_of,
    made,
    sent_path,
)
from catalog.push.lines import Line
from catalog.push.permissions import Address, Products, Teams, find_datasets, not_yours
from catalog.push.results import Ending, LineResult, refused
from catalog.registry.apply import apply
from catalog.registry.outcomes import Outcome, Problem

_REQUIRED = ("readableDataProductKey", "owner", "displayname")
_ENDINGS: Mapping[str, Ending] = {
    "created": "created",
    "changed": "changed",
    "unchanged": "unchanged",
    "stale": "unchanged",
    "refused": "refused",
}


@dataclass(frozen=True, slots=True)
class ParsedLine:
    """A line that is well formed: what it says, and the team that says it."""

    line: Line
    descriptor: Descriptor
    team: Team

    @property
    def subject(self) -> str:
        """Name what it is about."""
        return str(self.descriptor.ref)


Judge = Callable[[Line, Teams], ParsedLine]


def take_products(lines: Sequence[Line], call: Call) -> list[LineResult]:
    """Take products; the number of queries does not depend on theirs."""
    parsed, results = _judged(lines, _product, call)
    refs = [(s.subject, _guid(s)) for s in parsed]
    known = Products.find({ref for ref, _ in refs}, {guid for _, guid in refs if guid}, call.by)
    served = find_datasets((a for s in parsed for _, a in _served(s)), call.by)
    good = []
    for one in parsed:
        problems = list(_unserved(one, served))
        if not known.are_mine(one.subject, _guid(one)):
            problems.insert(0, Problem("owner", one.team.key, not_yours(one.team.name)))
        if problems:
            results.append(refused(one.line.number, "product", problems, subject=one.subject))
        else:
            good.append(one)
    outcomes = _through_the_door(good, call)
    ids = [outcome.id for _, outcome in outcomes if outcome.id is not None]
    guids = dict(Product.objects.filter(pk__among=ids).order_by().values_list("pk", "guid"))
    results += [_result(s, o, PRODUCT, call, guids.get(o.id or 0)) for s, o in outcomes]
    return results


def take_datasets(lines: Sequence[Line], call: Call) -> list[LineResult]:
    """Take datasets; the number of queries does not depend on theirs."""
    parsed, results = _judged(lines, _dataset, call)
    known = find_datasets((_address(s) for s in parsed), call.by)
    good = []
    for one in parsed:
        if known.get(_address(one), True):
            good.append(one)
            continue
        problem = Problem("name", one.line.document.get("name"), not_yours())
        results.append(refused(one.line.number, "dataset", [problem], subject=one.subject))
    outcomes = _through_the_door(good, call)
    return results + [_result(s, o, DATASET, call, None) for s, o in outcomes]


def _judged(
    lines: Sequence[Line], judge: Judge, call: Call
) -> tuple[list[ParsedLine], list[LineResult]]:
    teams = Teams.of(call.by)
    parsed: list[ParsedLine] = []
    results: list[LineResult] = []
    for line in lines:
        try:
            parsed.append(judge(line, teams))
        except WrongFields as error:
            results.append(refused(line.number, line.kind, error.problems))
    return parsed, results


def _product(line: Line, teams: Teams) -> ParsedLine:
    document = line.document
    missing = [Problem(n, None, "is required") for n in _REQUIRED if not document.get(n)]
    if missing:
        raise WrongFields(missing)
    fields = fields_of(document, PRODUCT)
    team = teams.owner(document["owner"])
    fields |= teams.product(document["readableDataProductKey"], team)
    fields["team"] = team.key
    return ParsedLine(line, made(ProductDescriptor, fields, PRODUCT), team)


def _dataset(line: Line, teams: Teams) -> ParsedLine:
    fields = fields_of(line.document, DATASET)
    team = teams.owner(line.document.get("owner"))
    fields["team"] = team.key
    if isinstance(fields.get("domain"), str):
        teams.domain(fields["domain"], "domain")
    elif "domain" not in fields and team.domain is not None:
        fields["domain"] = team.domain.key
    for place, column in enumerate(_objects(fields.get("columns"))):
        column.setdefault("ordinal", place)
        if column.get("sensitivity") == Sensitivity.NONE:
            message = "leave it out; that a column is harmless is said in the portal"
            raise WrongFields([Problem(f"columns[{place}].sensitivity", "none", message)])
    return ParsedLine(line, made(DatasetDescriptor, fields, DATASET), team)


def _objects(found: object) -> list[dict[str, Any]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _guid(parsed: ParsedLine) -> str | None:
    return parsed.descriptor.guid if isinstance(parsed.descriptor, ProductDescriptor) else None


def _address(parsed: ParsedLine) -> Address:
    descriptor = parsed.descriptor
    assert isinstance(descriptor, DatasetDescriptor)
    return descriptor.namespace, descriptor.name


def _served(parsed: ParsedLine) -> Iterable[tuple[str, Address]]:
    """Yield what output ports serve, and where that is said."""
    if not isinstance(parsed.descriptor, ProductDescriptor):
        return
    for place, port in enumerate(parsed.descriptor.ports):
        if port.direction == "out":
            for number, address in enumerate(port.datasets):
                where = f"ports[{place}].datasets[{number}]"
                yield where, (address.namespace, address.name)


def _unserved(parsed: ParsedLine, served: Mapping[Address, bool]) -> Iterable[Problem]:
    """Refuse to serve what is not the sender's: whoever sees the product would see it."""
    for path, address in _served(parsed):
        if not served.get(address, False):
            message = (
                "there is no dataset of this namespace and name that you may edit; push it first"
            )
            yield Problem(path, " ".join(address), message)


def _through_the_door(good: Sequence[ParsedLine], call: Call) -> list[tuple[ParsedLine, Outcome]]:
    found: list[tuple[ParsedLine, Outcome]] = []
    by_source: dict[str, list[ParsedLine]] = {}
    for one in good:
        by_source.setdefault(call.source_for(one.team.key), []).append(one)
    for source, part in by_source.items():
        descriptors = [one.descriptor for one in part]
        applied = apply(
            descriptors,
            layer=LayerKind.DECLARED,
            source=source,
            authority=call.authority,
            by=call.by,
        )
        found += zip(part, applied.outcomes, strict=True)
    return found


def _result(
    parsed: ParsedLine, outcome: Outcome, form: Form, call: Call, guid: str | None
) -> LineResult:
    changes: tuple[dict[str, Any], ...] = ()
    if call.is_dry:
        changes = tuple(
            {"path": sent_path(c.path, form), "before": c.before, "after": c.after}
            for c in outcome.changes
        )
    return LineResult(
        parsed.line.number,
        outcome.kind,
        _ENDINGS[outcome.status],
        subject=str(outcome.ref),
        guid=guid,
        problems=as_sent(outcome.problems, form),
        changes=changes,
    )
