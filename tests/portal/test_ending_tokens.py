"""API tokens end with the password or the account, as the person or an admin wishes."""

from __future__ import annotations

import pytest
from django.test import Client

from catalog.models import ApiToken, Event, User
from catalog.people.teams import switch_off
from catalog.people.tokens import make_token
from tests.conftest import Mesh

NEW = "a-new-password-of-mine"


def works(secret: str) -> bool:
    answer = Client(headers={"x-api-key": secret}).get("/api/v1/tokens")
    assert answer.status_code in {200, 401}
    return answer.status_code == 200


def secret_of(user: User) -> str:
    return make_token(user, name="pipeline", scope="read", days=1)[1]


@pytest.mark.parametrize("ends", [True, False])
def test_who_changes_their_password_chooses_what_becomes_of_their_tokens(
    client: Client, mesh: Mesh, ends: bool
) -> None:
    secrets = [secret_of(mesh.alice) for _ in range(2)]
    others = secret_of(mesh.bob)
    client.force_login(mesh.alice)
    said = {"what": "password", "old_password": "secret-alice"}
    said |= {"new_password1": NEW, "new_password2": NEW}
    page = client.post("/profile", said | ({"end_tokens": "on"} if ends else {}), follow=True)
    assert ("2 API tokens ended" in page.content.decode()) == ends
    assert [works(secret) for secret in secrets] == [not ends] * 2
    assert Event.objects.filter(type="token.revoked").count() == (2 if ends else 0)
    assert works(others)


def test_tokens_of_an_account_that_is_off_never_work(mesh: Mesh) -> None:
    secret = secret_of(mesh.bob)
    switch_off(mesh.bob, by=mesh.admin)
    assert not works(secret)


def test_an_admin_ends_the_tokens_of_an_account_for_good(client: Client, mesh: Mesh) -> None:
    secret = secret_of(mesh.bob)
    client.force_login(mesh.admin)
    address = f"/people/{mesh.bob.pk}"
    assert "End 1 API token" in client.get(address).content.decode()
    client.post(f"{address}/account", {"what": "deactivate"})
    client.post(f"{address}/account", {"what": "end-tokens"})
    client.post(f"{address}/account", {"what": "activate"})
    assert not works(secret)
    assert "API token" not in client.get(address).content.decode().split("Account</h2>")[1]


def test_nobody_else_ends_tokens_of_others(client: Client, mesh: Mesh) -> None:
    secret_of(mesh.bob)
    client.force_login(mesh.alice)
    assert client.post(f"/people/{mesh.bob.pk}/account", {"what": "end-tokens"}).status_code == 404
    assert ApiToken.objects.filter(revoked_at=None).count() == 1


def revoke_all(caller: Client, **said: str) -> tuple[int, object]:
    answer = caller.post("/api/v1/tokens/revoke", said, content_type="application/json")
    return answer.status_code, answer.json().get("ended")


def test_who_is_signed_in_ends_all_their_own_tokens_over_rest(client: Client, mesh: Mesh) -> None:
    secrets, others = [secret_of(mesh.alice) for _ in range(2)], secret_of(mesh.bob)
    client.force_login(mesh.alice)
    assert revoke_all(client) == (200, 2)
    assert revoke_all(client) == (200, 0)
    assert [works(secret) for secret in secrets] == [False, False]
    assert works(others)


def test_a_page_ends_all_own_tokens(client: Client, mesh: Mesh) -> None:
    secrets = [secret_of(mesh.alice) for _ in range(2)]
    client.force_login(mesh.alice)
    assert "Revoke all 2" in client.get("/profile/tokens").content.decode()
    assert (
        "2 API tokens ended" in client.post("/profile/tokens/revoke", follow=True).content.decode()
    )
    assert [works(secret) for secret in secrets] == [False, False]


def test_an_admin_ends_those_of_anybody_over_rest(mesh: Mesh) -> None:
    secret = secret_of(mesh.bob)
    token = make_token(mesh.admin, name="offboarding", scope="write", days=1)[1]
    admin = Client(headers={"x-api-key": token})
    assert revoke_all(admin, user="nobody-here")[0] == 422
    assert revoke_all(admin, user="bob") == (200, 1)
    assert not works(secret)
    assert works(token)


@pytest.mark.parametrize("scope", ["read", "write"])
def test_a_token_ends_no_others(mesh: Mesh, scope: str) -> None:
    kept = secret_of(mesh.alice)
    caller = Client(headers={"x-api-key": make_token(mesh.alice, name="x", scope=scope)[1]})
    assert revoke_all(caller)[0] == 403
    assert revoke_all(caller, user="alice")[0] == 403
    assert revoke_all(caller, user="bob")[0] == 403
    assert works(kept)
