"""Take lines that are documents of standards: contracts and product descriptors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from catalog.contracts.errors import NotYours, Refused
from catalog.contracts.products import publish_product
from catalog.contracts.publish import problems_of, publish_contract
from catalog.models import Product, Revision, User
from catalog.push.call import Call
from catalog.push.dry_run import affected, compared
from catalog.push.forms import PRODUCT, sent_path
from catalog.push.lines import Line
from catalog.push.permissions import not_yours
from catalog.push.results import Ending, LineResult, refused
from catalog.registry.outcomes import Problem
from catalog.standards.diagnostics import Diagnostic, Unreadable
from catalog.standards.odcs.contract import key_of
from catalog.standards.reading import Document, of_value

_ENDINGS: Mapping[str, Ending] = {"created": "created", "changed": "changed"}
#: How many changes of a descriptor a dry run names.
_SHOWN = 500


def take_contracts(lines: Sequence[Line], call: Call) -> list[LineResult]:
    """Publish contracts, each judged, placed and compared with the version it follows."""
    return [_answered(line, call, _contract) for line in lines]


def take_descriptors(lines: Sequence[Line], call: Call) -> list[LineResult]:
    """Publish product descriptors."""
    return [_answered(line, call, _descriptor) for line in lines]


def _answered(
    line: Line, call: Call, publish: Callable[[Line, Document, Call], LineResult]
) -> LineResult:
    subject: dict[str, Any] = {"subject": _subject(line)}
    try:
        document = of_value(line.document)
    except Unreadable as error:
        return refused(line.number, line.kind, problems_of([error.diagnostic]), **subject)
    try:
        return publish(line, document, call)
    except NotYours:
        problems: Sequence[Problem] = [Problem("", None, not_yours())]
    except Refused as error:
        problems = error.problems
    if call.is_dry and line.kind == "contract":
        subject |= compared(document, call.by)
    return refused(line.number, line.kind, problems, **subject)


def _subject(line: Line) -> str:
    if line.kind == "contract":
        return " ".join(key_of(line.document))[:300]
    name = line.document.get("name") or line.document.get("id") or ""
    return str(name)[:300]


def _contract(line: Line, document: Document, call: Call) -> LineResult:
    more = compared(document, call.by) if call.is_dry else {}
    product = _product(line.beside.get("product", ""), call.by)
    port = line.beside.get("port", "")
    done = publish_contract(document, by=call.by, product=product, port=port)
    holder = done.contract.product
    if call.is_dry and "affected" not in more:
        more["affected"] = affected(holder, call.by)
    return LineResult(
        line.number,
        "contract",
        _ENDINGS.get(done.status, "unchanged"),
        subject=f"{done.contract.key} {done.contract.version}",
        guid=holder.guid,
        warnings=_warnings(done.warnings),
        **more,
    )


def _product(guid: str, by: User) -> Product | None:
    """Return the product an envelope names. Raises Refused for one that the sender may not see."""
    if not guid:
        return None
    rows = Product.objects.visible_to(by).select_related("domain", "team")
    product = rows.filter(guid=guid).first()
    if product is None:
        raise Refused([Problem("product", guid, "no product that you may see has this GUID")])
    return product


def _descriptor(line: Line, document: Document, call: Call) -> LineResult:
    beside = line.beside
    done = publish_product(
        document, by=call.by, domain=beside.get("domain", ""), team=beside.get("team", "")
    )
    ending = _ENDINGS.get(done.status, "unchanged")
    return LineResult(
        line.number,
        "descriptor",
        ending,
        subject=str(done.product.ref),
        guid=done.product.guid,
        warnings=_warnings(done.warnings),
        changes=_changes(done.product) if call.is_dry and ending != "unchanged" else (),
    )


def _changes(product: Product) -> tuple[Mapping[str, Any], ...]:
    """Return what the newest revision changed."""
    rows = Revision.objects.filter(subject_kind="product", subject_id=product.pk)
    newest = rows.order_by("-number").first()
    found = newest.changes[:_SHOWN] if newest else ()
    return tuple({**one, "path": sent_path(str(one["path"]), PRODUCT)} for one in found)


def _warnings(found: Iterable[Diagnostic]) -> tuple[Problem, ...]:
    return tuple(problems_of(found))
