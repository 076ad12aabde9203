"""Many products edited by a table: tried first, then written."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from catalog.api.problems import Invalid
from catalog.api.table_edits import MOST_BYTES, MOST_ROWS, WRITTEN, TableDone, edit_by_table
from catalog.models import User
from catalog.people import policies
from catalog.people.policies import Action
from portal.viewer import person

SHOWN = 200


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_by_table_page(request: HttpRequest) -> HttpResponse:
    """Take a table, say what it would change, and write it once that was seen."""
    user = person(request)
    if not policies.may(user, Action.EDIT_PRODUCT):
        raise Http404
    context: dict[str, object] = {"columns": WRITTEN, "most_rows": MOST_ROWS, "errors": []}
    status = 200
    if request.method == "POST":
        raw = _sent(request)
        is_dry = request.POST.get("what") != "write"
        try:
            context |= _done(request, raw, user, is_dry)
        except Invalid as error:
            context["errors"] = [f"{p.path}: {p.message}".lstrip(": ") for p in error.problems]
            status = 422
    return render(request, "pages/mine/edit_by_table.html", context, status=status)


def _sent(request: HttpRequest) -> bytes:
    file = request.FILES.get("file")
    if file is not None:
        return bytes(file.read(MOST_BYTES + 1))
    return request.POST.get("table", "").encode(errors="replace")


def _done(request: HttpRequest, raw: bytes, user: User, is_dry: bool) -> dict[str, object]:
    done: TableDone = edit_by_table(raw, by=user, dry_run=is_dry)
    if not is_dry:
        count = done.count("changed")
        messages.success(request, f"{count} product{'' if count == 1 else 's'} changed.")
    rows = [row for row in done.rows if row.did != "unchanged"]
    return {
        "done": done,
        "rows": rows[:SHOWN],
        "left_out": max(0, len(rows) - SHOWN),
        "changed": done.count("changed"),
        "unchanged": done.count("unchanged"),
        "refused": done.count("refused"),
        "table": raw.decode("utf-8-sig") if is_dry and done.count("changed") else "",
    }
