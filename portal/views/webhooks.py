"""The own webhooks: where events go, how it went, what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from catalog.api.serializers.webhooks import state_of
from catalog.models import Domain, Event, User, Webhook
from catalog.outbound.webhooks import subscriptions as service
from catalog.outbound.webhooks.calls import Call
from catalog.outbound.webhooks.subscriptions import TooSoon, WebhookInvalid
from portal.forms.webhooks import WebhookForm
from portal.viewer import person

CALLS = 25
LETTERS = 50


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def webhooks(request: HttpRequest) -> HttpResponse:
    """List the own webhooks; make one, whose secret is shown once."""
    user = person(request)
    form = WebhookForm(user, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            made, secret = service.make_webhook(user, **form.said())
        except WebhookInvalid as error:
            _refuse(form, error)
        else:
            return _page(request, made, secret=secret)
    rows = list(user.webhooks.select_related("domain"))
    seen = set(Domain.objects.visible_to(user).values_list("pk", flat=True))
    context = {
        "form": form,
        "rows": [
            (row, state_of(row), row.domain if row.domain_id in seen else None) for row in rows
        ],
    }
    status = 422 if form.errors else 200
    return render(request, "pages/account/webhooks.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one of the own webhooks; change it."""
    user, row = person(request), _own(request, pk)
    if request.method != "POST":
        return _page(request, row)
    form = WebhookForm(user, request.POST, row)
    if form.is_valid():
        try:
            service.change_webhook(row, by=user, **form.said())
        except WebhookInvalid as error:
            row = _own(request, pk)
            _refuse(form, error)
        else:
            messages.success(request, f"“{row.name}” is saved.")
            return redirect("webhook", row.pk)
    return _page(request, row, form=form)


@login_required
@require_POST
def do_webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """Do one thing with a webhook, as the button says."""
    user, row = person(request), _own(request, pk)
    do = request.POST.get("do", "")
    if do == "secret":
        return _page(request, row, secret=service.rotate_secret(row, by=user))
    if do == "delete":
        service.remove_webhook(row, by=user)
        messages.success(request, f"“{row.name}” is deleted.")
        return redirect("webhooks")
    if do == "test":
        _say_calls(request, lambda: service.send_test(row), "The receiver took the test.")
    elif do == "replay":
        _replay(request, row, user)
    elif do in _VERBS:
        verb, message = _VERBS[do]
        verb(row, by=user)
        messages.success(request, message)
    else:
        raise Http404
    return redirect("webhook", row.pk)


_VERBS: dict[str, tuple[Callable[..., None], str]] = {
    "pause": (service.pause_webhook, "Nothing more is sent. Its place in the log stays."),
    "resume": (service.resume_webhook, "It goes on where it stopped."),
    "now": (service.try_now, "The next try is made within seconds."),
}


@login_required
@require_POST
def answer_webhook_letter(request: HttpRequest, pk: int, letter: int) -> HttpResponse:
    """Send a dead letter again, or forget it."""
    row = _own(request, pk)
    found = service.letters_of(row).filter(pk=letter).first()
    if found is None:
        raise Http404
    if request.POST.get("do") == "retry":
        _say_calls(request, lambda: service.retry_letter(found), "The receiver took the event.")
    else:
        found.delete()
        messages.success(request, f"Event {found.event_id} is dismissed.")
    return redirect("webhook", row.pk)


def _replay(request: HttpRequest, row: Webhook, user: User) -> None:
    text = request.POST.get("after", "").strip()
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1
    try:
        service.replay(row, after=number, by=user)
    except WebhookInvalid as error:
        messages.error(request, f"Nothing is sent again: {error.message}.")
    else:
        messages.success(request, f"What came after event {number} is sent.")


def _say_calls(request: HttpRequest, act: Callable[[], Sequence[Call]], good: str) -> None:
    try:
        calls = act()
    except TooSoon as error:
        messages.error(request, f"Wait a moment: {error}.")
        return
    problem = next((one.problem for one in calls if one.problem), "")
    if problem:
        messages.error(request, f"The receiver did not take it: {problem}.")
    else:
        messages.success(request, good)


def _page(
    request: HttpRequest, row: Webhook, *, form: WebhookForm | None = None, secret: str = ""
) -> HttpResponse:
    user = person(request)
    last = Event.objects.visible_to(user).order_by("-id").values_list("id", flat=True).first() or 0
    context = {
        "webhook": row,
        "state": state_of(row),
        "form": form or WebhookForm(user, None, row),
        "secret": secret,
        "calls": row.attempts.all()[:CALLS],
        "letters": service.letters_of(row)[:LETTERS],
        "last": last,
        "is_behind": row.event_id < last,
    }
    status = 422 if form is not None else 200
    return render(request, "pages/account/webhook.html", context, status=status)


def _refuse(form: WebhookForm, error: WebhookInvalid) -> None:
    field = error.field if error.field in form.fields else None
    form.add_error(field, f"{error.message[:1].upper()}{error.message[1:]}.")


def _own(request: HttpRequest, pk: int) -> Webhook:
    rows = Webhook.objects.filter(pk=pk, owner=person(request))
    row = rows.select_related("domain", "owner").first()
    if row is None:
        raise Http404
    return row
