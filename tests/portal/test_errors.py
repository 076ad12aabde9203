"""Pages for what went wrong."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.test import Client, RequestFactory

from portal.views import errors


def test_an_unknown_address_gets_a_page_of_ours(client: Client, db: None) -> None:
    response = client.get("/no/such/page")
    assert response.status_code == 404
    assert "Page not found" in response.content.decode()


def test_a_refusal_says_why(rf: RequestFactory) -> None:
    request = rf.get("/x")
    request.user = AnonymousUser()
    response = errors.forbidden(request, PermissionDenied("Only owners decide."))
    assert response.status_code == 403
    assert "Only owners decide." in response.content.decode()


def test_a_stale_form_is_explained(db: None) -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/theme", {"next": "/"})
    assert response.status_code == 403
    assert "no longer valid" in response.content.decode()


def test_the_500_page_needs_no_database(rf: RequestFactory) -> None:
    response = errors.broken(rf.get("/x"))
    assert response.status_code == 500
    assert "Something broke" in response.content.decode()


@pytest.mark.parametrize("header", ["default-src 'self'", "frame-ancestors 'none'"])
def test_every_page_forbids_foreign_and_inline_code(client: Client, db: None, header: str) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]
    assert header in policy
    assert "unsafe-inline" not in policy


@pytest.mark.parametrize("error", [OperationalError("the server closed"), InterfaceError("gone")])
def test_a_database_that_is_away_is_said_clearly_and_to_be_tried_again(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def away(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr("django.db.backends.utils.CursorWrapper.execute", away)
        page, answer = client.get("/search?q=claims"), client.get("/api/v1/dataproducts")
    assert (page.status_code, answer.status_code) == (503, 503)
    assert (page.headers["Retry-After"], answer.headers["Retry-After"]) == ("2", "2")
    assert "Not available right now" in page.content.decode()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == 503
    assert "server closed" not in page.content.decode() + answer.content.decode()


def test_a_database_that_goes_while_middleware_works_is_said_as_clearly(rf: RequestFactory) -> None:
    try:
        raise OperationalError("gone")
    except OperationalError:
        answer = errors.broken(rf.get("/x"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
