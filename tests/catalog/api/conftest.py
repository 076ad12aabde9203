"""Callers of the API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.test import Client

from catalog.people.tokens import make_token
from tests.catalog.api.pushing import ADDRESS, body
from tests.conftest import Mesh

Call = Callable[..., Any]


@pytest.fixture
def secret(mesh: Mesh) -> str:
    return make_token(mesh.alice, name="pipeline", scope="write", days=30)[1]


@pytest.fixture
def call(client: Client, mesh: Mesh) -> Call:
    """Call an address with the token of a person: `call("alice", "get", "/api/v1/…", body)`."""
    secrets: dict[str, str] = {}

    def run(
        who: str,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        sent = dict(headers or {})
        if who != "anonymous":
            if who not in secrets:
                user = getattr(mesh, who)
                secrets[who] = make_token(user, name="t", scope="write", days=1)[1]
            sent["x-api-key"] = secrets[who]
        extra: dict[str, Any] = {"headers": sent}
        if method != "get":
            extra |= {"data": body, "content_type": "application/json"}
        return getattr(client, method)(path, **extra)

    return run


@pytest.fixture
def send(client: Client, mesh: Mesh) -> Call:
    """Push lines: `send(line, …, query="dryRun=true", who="alice")`."""
    secrets: dict[str, str] = {}

    def run(*lines: Any, query: str = "", who: str = "alice", **said: Any) -> Any:
        if who not in secrets:
            secrets[who] = make_token(getattr(mesh, who), name="t", scope="write", days=1)[1]
        headers = {"x-api-key": secrets[who], **said.pop("headers", {})}
        return client.post(
            f"{ADDRESS}?{query}" if query else ADDRESS,
            said.pop("raw", None) or body(*lines),
            content_type=said.pop("content_type", "application/x-ndjson"),
            headers=headers,
        )

    return run
