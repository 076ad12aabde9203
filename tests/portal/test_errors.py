"""Pages for what went wrong."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory

from portal.views import errors


def test_an_unknown_address_gets_a_page_of_ours(client: Client, db: None) -> None:
    response = client.get("/no/such/page")
    assert response.status_code == 404
    assert "Nothing here" in response.content.decode()


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
