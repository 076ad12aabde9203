"""The event log as people read it, and the own notifications."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST, require_safe

from catalog.models import Event
from catalog.outbound.notifications import mark_read, notifications_of
from portal.paging import paginate
from portal.reading import changes
from portal.viewer import person, viewer

PER_PAGE = 50

#: Families of events as a person thinks of them: label and the types' prefix.
KINDS = (
    ("product", "Products"),
    ("dataset", "Datasets"),
    ("access", "Access requests"),
    ("grant", "Grants"),
    ("check", "Quality checks"),
    ("objective", "Promises"),
    ("run", "Harvests"),
    ("source", "Sources"),
    ("secret", "Secrets"),
    ("team", "Teams"),
    ("domain", "Domains"),
    ("member", "Members"),
    ("token", "Tokens"),
)


def _day(text: str | None) -> datetime | None:
    day = parse_date(text) if text else None
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None


def _filtered(request: HttpRequest) -> QuerySet[Event]:
    rows = Event.objects.visible_to(request.user).select_related("actor").order_by("-id")
    kind = request.GET.get("kind", "")
    if kind in dict(KINDS):
        rows = rows.filter(type__startswith=f"{kind}.")
    if actor := request.GET.get("by", "").strip():
        rows = rows.filter(actor_name__icontains=actor)
        if not request.user.is_authenticated:
            rows = rows.filter(actor=None)  # people have no names here
    if subject := request.GET.get("about", "").strip():
        rows = rows.filter(subject_key__icontains=subject)
    if (product := request.GET.get("product", "")) and product.isdigit():
        rows = rows.filter(product_id=int(product))
    if since := _day(request.GET.get("from")):
        rows = rows.filter(at__gte=since)
    if until := _day(request.GET.get("to")):
        rows = rows.filter(at__lt=until + timedelta(days=1))
    return rows


def _before(request: HttpRequest) -> int | None:
    text = request.GET.get("before", "")
    return int(text) if text.isdigit() and len(text) < 19 else None


@require_safe
def activity(request: HttpRequest) -> HttpResponse:
    """Show what happened, newest first, walked by the event's number."""
    rows = _filtered(request)
    if before := _before(request):
        rows = rows.filter(id__lt=before)
    events = list(rows[: PER_PAGE + 1])
    has_more = len(events) > PER_PAGE
    events = events[:PER_PAGE]
    query = request.GET.copy()
    query.pop("before", None)
    context = {
        "days": changes.by_day(events, viewer(request)),
        "kinds": KINDS,
        "next_before": events[-1].pk if has_more else None,
        "is_first": _before(request) is None,
        "query": query.urlencode(),
        "chosen": request.GET,
    }
    template = (
        "partials/_events.html"
        if request.headers.get("HX-Request")
        else "pages/activity/activity.html"
    )
    return render(request, template, context)


@login_required
@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    """Show what one should know, unread first."""
    rows = notifications_of(person(request)).order_by("-created_at", "-id")
    if request.GET.get("show") != "all":
        rows = rows.filter(read_at__isnull=True)
    context = {
        "page": paginate(request, rows, PER_PAGE),
        "show": request.GET.get("show", "unread"),
    }
    return render(request, "pages/activity/notifications.html", context)


@login_required
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark every own notification as read."""
    mark_read(person(request), None)
    return redirect("notifications")


@login_required
@require_POST
def open_notification(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one as read and go where it points."""
    row = notifications_of(person(request)).filter(pk=pk).first()
    if row is None:
        raise Http404
    mark_read(person(request), [row.pk])
    target = (
        row.url if row.url.startswith("/") and not row.url.startswith("//") else "/notifications"
    )
    return redirect(target)
