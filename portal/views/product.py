"""The pages of a data product."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog.access.connect import connect_snippets
from catalog.access.grants import Snippet
from catalog.access.redaction import foreign_keys_of, read_state
from catalog.models import Column, Contract, Dataset, Grant, Port, Sample, Team
from catalog.people.policies import Action, Viewer, may
from catalog.standards.versions import current, shared_out
from lineage.graph.causes import late_inputs
from portal.paging import Page, paginate
from portal.reading import changes, lineage, quality, upstream, versions
from portal.reading.contracts import terms_by_port
from portal.reading.products import Overview, get_product, overview, readers
from portal.reading.schema import read_schema
from portal.viewer import viewer

Context = dict[str, object]
CHECKS_PER_PAGE = 60


@require_safe
def product_page(
    request: HttpRequest, domain: str, key: str, tab: str = "overview"
) -> HttpResponse:
    """Show a product; each tab is an address of its own."""
    read = TABS.get(tab)
    if read is None:
        raise Http404(f"A product has no page {tab!r}.")
    user = viewer(request)
    seen = overview(user, get_product(user, domain, key))
    context: Context = {"product": seen.product, "seen": seen, "tab": tab, "area": "search"}
    context |= read(request, seen)
    return render(request, f"pages/product/{tab}.html", context)


def _overview(request: HttpRequest, seen: Overview) -> Context:
    user = viewer(request)
    recent = list(changes.events_of_product(user, seen.product.pk)[:4])  # told in words alone
    return {
        "recent": changes.entries(recent, user, seen.names),
        "readers": list(readers(user, seen.product)[:6]),
        **upstream.told(late_inputs(seen.product, user=user) if seen.may_be_late else ()),
    }


def _schema(request: HttpRequest, seen: Overview) -> Context:
    dataset = _chosen(request, seen)
    if dataset is None:
        return {"dataset": None}
    may_edit = may(viewer(request), Action.EDIT_DATASET, dataset)
    dataset.foreign_keys = foreign_keys_of(dataset, viewer(request))
    schema = read_schema(dataset, _contracts(seen, dataset), with_origins=may_edit)
    return {
        "dataset": dataset,
        "schema": schema,
        "edit_columns": "product" if may_edit else "",
        "target_column": request.GET.get("column", ""),
    }


def _contracts(seen: Overview, dataset: Dataset) -> list[Contract]:
    ports = [
        port
        for port in seen.outputs
        if any(link.dataset_id == dataset.pk for link in port.addresses.all())
    ]
    names = Q(port_name__in=[port.name for port in ports])
    names |= Q(key__in=[port.contract_key for port in ports if port.contract_key])
    if len(seen.datasets) == 1:
        names |= Q(port_name="")
    versions: dict[str, list[Contract]] = {}
    for contract in Contract.objects.filter(names, product=seen.product).defer("document"):
        versions.setdefault(contract.key, []).append(contract)
    here = {(port.name, port.major) for port in ports}
    found = []
    for rows in versions.values():
        name = rows[0].port_name
        majors = {port.major for port in seen.outputs if port.name == name} or {1}
        for major, own in shared_out(rows, majors).items():
            if (not name or len(majors) == 1 or (name, major) in here) and (row := current(own)):
                found.append(row)
    return found


def _sample(request: HttpRequest, seen: Overview) -> Context:
    dataset = _chosen(request, seen)
    allowed = seen.may_open_sample
    found = Sample.objects.filter(dataset=dataset).first() if dataset and allowed else None
    return {"dataset": dataset, "sample": found, "may_open": allowed}


def _quality(request: HttpRequest, seen: Overview) -> Context:
    ids = [dataset.pk for dataset in seen.datasets]
    rows = quality.checks_of(viewer(request), seen.product, ids)
    page = paginate(request, rows, CHECKS_PER_PAGE)
    scores = quality.last_scores(seen.product)
    return {
        "page": page,
        "checks": quality.with_days(page.items),
        "score": scores[0] if scores else None,
        "history": [score.overall for score in reversed(scores)],
    }


def _objectives(request: HttpRequest, seen: Overview) -> Context:
    return {"promises": quality.promises_of(seen.objectives, timezone.now())}


def _lineage(request: HttpRequest, seen: Overview) -> Context:
    return lineage.explore(request, lineage.of_product_page(seen.product))


def _access(request: HttpRequest, seen: Overview) -> Context:
    user = viewer(request)
    sees_all = may(user, Action.REVOKE_GRANT, seen.product)
    current = (
        Grant.objects.current()
        .filter(port__product=seen.product)
        .select_related("port", "team", "user", "request")
        .order_by("-starts_at", "-id")
    )
    grants = None if sees_all or not user.is_authenticated else _told(current, user)
    may_connect = seen.access.state in {"granted", "mine"} or seen.may_edit
    return {
        "sees_all": sees_all,
        "page": paginate(request, current, 25) if sees_all else _of_teams(grants),
        "person_count": sum(1 for grant in grants or () if grant.user_id is not None),
        "readers": list(readers(user, seen.product)[:50]),
        "may_connect": may_connect,
        "terms": terms_by_port(seen),
        "connections": _connections(seen) if may_connect else [],
    }


def _told(current: QuerySet[Grant], user: Viewer) -> list[Grant]:
    """Return grants without those of teams that are hidden."""
    hidden = Team.objects.exclude(pk__in=Team.objects.visible_to(user).order_by().values("pk"))
    return list(current.exclude(team__in=hidden.order_by().values("pk"))[:500])


def _of_teams(grants: list[Grant] | None) -> Page[Grant] | None:
    """Keep the grants of teams, on one page; people's own are for those who decide."""
    if grants is None:
        return None
    rows = [grant for grant in grants if grant.team_id is not None]
    return Page(rows, 1, max(len(rows), 1), len(rows))


def _connections(seen: Overview) -> Sequence[tuple[Port, Dataset, Sequence[Snippet]]]:
    visible = {dataset.pk: dataset for dataset in seen.datasets}
    found: list[tuple[Port, Dataset, Sequence[Snippet]]] = [
        (port, visible[link.dataset_id], connect_snippets(port, visible[link.dataset_id]))
        for port in seen.outputs
        for link in port.addresses.all()
        if link.dataset_id in visible
    ]
    return found[:12]


def _changes(request: HttpRequest, seen: Overview) -> Context:
    user = viewer(request)
    page = paginate(request, changes.events_of_product(user, seen.product.pk), 30)
    return {
        "page": page,
        "days": changes.by_day(page.items, user, seen.names),
        **_then(request, seen),
    }


def _then(request: HttpRequest, seen: Overview) -> Context:
    """Read the product as of a day, and what changed since another; a day that is none is said."""
    asked = {name: request.GET.get(name, "") for name in ("as_of", "since")}
    context: Context = {"asked": asked, "today": timezone.localdate()}
    if not any(asked.values()):
        return context
    try:
        days = {name: date.fromisoformat(text) if text else None for name, text in asked.items()}
    except ValueError:
        return {**context, "refused": "Write a day as 2026-05-03."}
    ends = {
        name: timezone.make_aware(datetime.combine(day, time.max)) if day else None
        for name, day in days.items()
    }
    at = ends["as_of"] or timezone.now()
    if ends["since"] and ends["since"] > at:
        return {**context, "refused": "The first day lies after the second."}
    then = read_state(seen.product, viewer(request), at, ends["since"])
    if then is None:
        return {**context, "refused": f"{seen.product.name} was not registered then."}
    return {**context, "then": then}


def _versions(request: HttpRequest, seen: Overview) -> Context:
    user, asked = viewer(request), request.GET
    lines = versions.lines_of(seen.product, user)
    names = (asked.get(name, "") for name in ("contract", "from", "to"))
    return {
        "lines": lines,
        "compared": versions.compared(lines, user, *names),
        "may_publish": may(user, Action.PUBLISH_PRODUCT, seen.product),
    }


def _chosen(request: HttpRequest, seen: Overview) -> Dataset | None:
    asked = request.GET.get("dataset", "")
    first = next(iter(seen.datasets), None)
    column = request.GET.get("column", "")
    if column and not asked and len(seen.datasets) > 1:
        return next((d for d in seen.datasets if d.pk in _holders(seen, column)), first)
    return next((d for d in seen.datasets if str(d.pk) == asked), first)


def _holders(seen: Overview, column: str) -> frozenset[int]:
    """Return which of the datasets have a column of this path."""
    ids = [dataset.pk for dataset in seen.datasets]
    rows = Column.objects.filter(dataset__in=ids, path=column)
    return frozenset(rows.values_list("dataset_id", flat=True))


TABS: dict[str, Callable[[HttpRequest, Overview], Context]] = {
    "overview": _overview,
    "schema": _schema,
    "sample": _sample,
    "quality": _quality,
    "objectives": _objectives,
    "lineage": _lineage,
    "access": _access,
    "contracts": _versions,
    "changes": _changes,
}
