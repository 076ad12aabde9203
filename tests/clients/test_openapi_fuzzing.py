"""schemathesis sends what the OpenAPI document allows, and what it does not; no answer may differ from it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests import engines
from tests.clients.conftest import Site, served
from tests.installations import ROOT, fresh_postgres

pytestmark = [pytest.mark.services, pytest.mark.timeout(900)]

CHECKS = (
    "not_a_server_error,response_schema_conformance,content_type_conformance,"
    "status_code_conformance"
)
_FILL = """
from catalog.models import Contract
from catalog.standards.reading import of_value
from catalog.contracts.publish import publish_contract
from catalog.models import User
from tests.factories import make_dataset, make_product
product = make_product("settled-claims")
make_dataset("shop.orders")
publish_contract(of_value({
    "apiVersion": "v3.1.0", "kind": "DataContract", "id": "orders", "version": "1.0.0",
    "status": "active", "dataProduct": "claims/settled-claims",
    "schema": [{"name": "orders", "properties": [{"name": "id", "logicalType": "integer"}]}],
}), by=User.objects.get(username="alice"))
print(product.guid)
"""
#: schemathesis knows no NDJSON by itself.
_HOOKS = """
import json
import schemathesis

@schemathesis.serializer("application/x-ndjson")
def ndjson(context, value):
    return value if isinstance(value, bytes) else json.dumps(value).encode() + b"\\n"
"""


@contextmanager
def filled(engine: str, folder: Path) -> Iterator[tuple[Site, str]]:
    """Serve an installation with a product; yield it and the product's GUID."""
    with ExitStack() as stack:
        database = "" if engine == "sqlite" else stack.enter_context(fresh_postgres())
        site = stack.enter_context(served(folder, database))
        yield site, site.inside.do(_FILL).strip()


@pytest.mark.parametrize(
    ("engine", "person"),
    [("sqlite", "admin"), ("postgresql", "admin"), ("sqlite", "")],
    ids=["admin, SQLite", "admin, PostgreSQL", "anonymous"],
)
def test_every_answer_is_one_that_the_document_allows(
    engine: str, person: str, tmp_path: Path
) -> None:
    """Known ids are used, too, so that calls get past 404."""
    engines.client("st")
    with filled(engine, tmp_path) as (site, guid):
        _fuzz(site, guid, person, tmp_path)


def _fuzz(site: Site, guid: str, person: str, tmp_path: Path) -> None:
    known = {"dataProductGUID": guid, "contractId": "orders", "id": "1", "key": "claims"}
    lines = "\n".join(f'"path.{name}" = "{value}"' for name, value in known.items())
    config = tmp_path / "schemathesis.toml"
    config.write_text(f'hooks = "hooks.py"\n[parameters]\n{lines}\n')
    (tmp_path / "hooks.py").write_text(_HOOKS)
    headers = [f"--header=Authorization: Bearer {site.tokens[person]}"] if person else []
    told = subprocess.run(
        [
            *(engines.client("st"), "--config-file", str(config), "run"),
            *(str(ROOT / "docs" / "openapi.yaml"), "--url", site.url, *headers),
            *("--checks", CHECKS, "--phases", "coverage,fuzzing", "--max-examples", "2"),
            *("--continue-on-failure", "--generation-deterministic", "--no-color"),
            *("--request-timeout", "60", "--warnings", "off"),
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    log = (tmp_path / "server.log").read_text(errors="replace")
    assert told.returncode == 0, f"{told.stdout[-6000:]}\n{told.stderr[-2000:]}\n{log[-3000:]}"
    assert "Tested: " in told.stdout
