"""Take lines that are results of quality tools."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.models import Product, User
from catalog.people import policies
from catalog.people.policies import Action
from catalog.push.call import Call
from catalog.push.lines import Line
from catalog.push.permissions import not_yours
from catalog.push.results import LineResult, refused
from catalog.registry.outcomes import Problem
from catalog.standards.diagnostics import Unreadable
from catalog.standards.quality.read import read_results
from catalog.standards.quality.results import NotReadable
from catalog.standards.reading import of_value
from catalog.trust.tool_runs import Recorded, record_runs


def take_results(lines: Sequence[Line], call: Call) -> list[LineResult]:
    """Record runs of quality tools; scores follow at once."""
    return [_taken(line, call) for line in lines]


def _taken(line: Line, call: Call) -> LineResult:
    guid = line.beside.get("product", "")
    product = _product(guid, call.by) if guid else None
    if guid and product is None:
        message = f"no product that you may see has this GUID, or {not_yours()}"
        return refused(line.number, "results", [Problem("product", guid, message)])
    try:
        of_value(line.document)
        runs = read_results(line.document)
        done = record_runs(runs, by=call.by, product=product)
    except (NotReadable, Unreadable) as error:
        fault = error.diagnostic
        return refused(line.number, "results", [Problem(fault.path, fault.value, fault.message)])
    lost = [Problem(o.path, o.value, o.message) for run in done for o in run.unplaced[:20]]
    subject = ", ".join(f"{run.tool} {run.run_id}" for run in done)[:300]
    if lost and not any(run.checks for run in done):
        return refused(line.number, "results", lost, subject=subject)
    return LineResult(
        line.number,
        "results",
        "created" if any(run.is_new for run in done) else "unchanged",
        subject=subject,
        guid=_guid(done),
        warnings=lost,
    )


def _guid(done: Sequence[Recorded]) -> str | None:
    return next((product.guid for run in done for product in run.products), None)


def _product(guid: str, by: User) -> Product | None:
    rows = Product.objects.visible_to(by).filter(guid=guid)
    mine = policies.where(rows, by, Action.PUBLISH_PRODUCT)
    return mine.select_related("domain", "team").first()
