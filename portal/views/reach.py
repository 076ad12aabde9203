"""What reaches a person by mail and chat."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from catalog.outbound.messages.chat import Line
from catalog.outbound.messages.mail import unsubscribed_by
from catalog.outbound.messages.outbox import say
from catalog.outbound.reach import ReachInvalid, choose, end_mail, reach_of
from portal.forms.reach import ReachForm
from portal.viewer import person


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def messages_page(request: HttpRequest) -> HttpResponse:
    """Show what reaches the person; keep what they choose; say a word in their chat to try it."""
    user = person(request)
    form = ReachForm(reach_of(user), request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            reach = choose(user, **form.said())
        except ReachInvalid as error:
            form.add_error("chat_url", f"{str(error)[:1].upper()}{str(error)[1:]}.")
        else:
            messages.success(request, "What reaches you is saved.")
            if request.POST.get("do") == "try" and reach.chat_url:
                where = request.build_absolute_uri(request.path)
                problem = say(reach, [Line("This is how Gazetteer tells you things.", where)])
                if problem:
                    messages.error(request, f"Nothing was said: {problem}.")
                else:
                    messages.success(request, "The chat took a word of greeting.")
            return redirect("messages")
    context = {"form": form, "reach": reach_of(user), "address": user.email}
    status = 422 if form.errors else 200
    return render(request, "pages/account/messages.html", context, status=status)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask before mail ends; end it on POST, from whichever program (RFC 8058). The signed address is the proof."""
    pk = unsubscribed_by(token)
    if pk is None:
        raise Http404
    if request.method == "POST":
        end_mail(pk)
    context = {"is_done": request.method == "POST"}
    return render(request, "pages/account/unsubscribe.html", context)
