"""Take lines about single checks: those of a product are one statement, and each line changes a part of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from catalog.descriptors import CheckDescriptor, LayerKind, ProductDescriptor
from catalog.models import Layer, Product
from catalog.names import ProductRef
from catalog.people import policies
from catalog.people.policies import Action
from catalog.push.call import Call
from catalog.push.forms import CHECK, PRODUCT, WrongFields, as_sent, fields_of, made, sent_path
from catalog.push.lines import Line
from catalog.push.results import LineResult, refused
from catalog.registry.apply import apply
from catalog.registry.diff import Change
from catalog.registry.outcomes import Outcome, Problem
from catalog.registry.paths import item_path

SOURCE = "push-checks"
_OWN = ("dataProduct", "gone")
Said = tuple[Line, CheckDescriptor | None, str, str]  # None: taken back; product address, key


def take_checks(lines: Sequence[Line], call: Call) -> list[LineResult]:
    """Say or take back checks; the number of queries does not depend on theirs."""
    named = [str(line.document.get("dataProduct") or "") for line in lines]
    known = _products(named, call)
    said: list[Said] = []
    results: list[LineResult] = []
    for line, name in zip(lines, named, strict=True):
        try:
            said.append(_said(line, known.get(name)))
        except WrongFields as error:
            results.append(refused(line.number, "check", error.problems))
    outcomes = _write(said, call) if said else {}
    guids = {str(row.ref): row.guid for row in known.values()}
    return results + [_result(one, outcomes[one[2]], guids[one[2]], call) for one in said]


def _products(names: Sequence[str], call: Call) -> dict[str, Product]:
    """Return the products the sender publishes, by GUID and by address as written: one query."""
    keys = {name.rpartition("/")[2] for name in names if name}
    rows = Product.objects.filter(Q(guid__among=set(names)) | Q(key__among=keys))
    mine = policies.where(rows, call.by, Action.PUBLISH_PRODUCT).select_related("domain")
    found = list(mine) if keys else []
    return {row.guid: row for row in found} | {str(row.ref): row for row in found}


def _said(line: Line, product: Product | None) -> Said:
    document: dict[str, Any] = {n: v for n, v in line.document.items() if n not in _OWN}
    if product is None:
        message = "no product that you may publish for; write <domain>/<product> or its GUID"
        raise WrongFields([Problem("dataProduct", line.document.get("dataProduct"), message)])
    is_gone = line.document.get("gone", False)
    if not isinstance(is_gone, bool):
        raise WrongFields([Problem("gone", is_gone, "write true or false")])
    key = document.get("key")
    if is_gone and isinstance(key, str):
        return line, None, str(product.ref), key
    check = made(CheckDescriptor, fields_of(document, CHECK), CHECK)
    return line, check, str(product.ref), check.key


def _write(said: Sequence[Said], call: Call) -> dict[str, Outcome]:
    """State the checks of each product anew: those said before, changed by the lines."""
    source = f"{SOURCE}:{call.source}" if call.source else SOURCE
    refs = list(dict.fromkeys(ref for _, _, ref, _ in said))
    layers = Layer.objects.filter(
        subject_kind="product", subject_key__among=refs, kind=LayerKind.DECLARED, source=source
    )
    stated: dict[str, dict[str, CheckDescriptor]] = {ref: {} for ref in refs}
    for ref, content in layers.values_list("subject_key", "content"):
        for one in content.get("checks", ()):
            check = CheckDescriptor.model_validate(one)
            stated[ref][check.key] = check
    for _, found, ref, key in said:
        if found is None:
            stated[ref].pop(key, None)
        else:
            stated[ref][key] = found
    descriptors = [_descriptor(ref, list(stated[ref].values())) for ref in refs]
    applied = apply(
        descriptors, layer=LayerKind.DECLARED, source=source, authority=call.authority, by=call.by
    )
    return dict(zip(refs, applied.outcomes, strict=True))


def _descriptor(ref: str, checks: list[CheckDescriptor]) -> ProductDescriptor:
    place = ProductRef.parse(ref)
    return ProductDescriptor(domain=place.domain, key=place.key, checks=checks)


def _result(said: Said, outcome: Outcome, guid: str, call: Call) -> LineResult:
    line, _, ref, key = said
    base = item_path("checks", (key,))
    subject = f"{ref} {key}"
    own = [p for p in outcome.problems if p.path.startswith(base)]
    if outcome.problems:
        problems = as_sent(own or outcome.problems, PRODUCT)
        return refused(line.number, "check", problems, subject=subject)
    changes = [c for c in outcome.changes if c.path == base or c.path.startswith(f"{base}.")]
    return LineResult(
        line.number,
        "check",
        _ending(changes, base),
        subject=subject,
        guid=guid,
        changes=[_told(c) for c in changes] if call.is_dry else (),
    )


def _ending(changes: Sequence[Change], base: str) -> Any:
    if not changes:
        return "unchanged"
    is_new = any(c.path == base and c.before is None for c in changes)
    return "created" if is_new else "changed"


def _told(change: Change) -> dict[str, Any]:
    path = sent_path(change.path, PRODUCT)
    return {"path": path, "before": change.before, "after": change.after}
