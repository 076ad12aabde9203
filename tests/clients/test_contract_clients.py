"""`datacontract` and `dataproduct`, unmodified, against a live server."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from catalog.models import Contract, Product
from catalog.services.tokens import make_token
from tests import engines
from tests.conftest import Mesh
from tests.factories import make_product

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: orders-contract
version: {version}
status: active
domain: claims
dataProduct: claims/orders
schema:
  - name: orders
    physicalName: orders
    physicalType: table
    properties:
      - name: order_id
        logicalType: integer
        required: true
        unique: true
      - name: amount
        logicalType: {type}
slaProperties:
  - property: retention
    value: 3
    unit: y
"""
PRODUCT = """\
apiVersion: v1.0.0
kind: DataProduct
id: 7a6c1d7e-orders
name: Orders
domain: claims
status: active
version: 1.2.0
outputPorts:
  - name: sql
    version: 1.0.0
    contractId: {contract}
team:
  name: Claims Analytics
"""


@pytest.fixture
def people(transactional_db: None, request: pytest.FixtureRequest) -> Mesh:
    made: Mesh = request.getfixturevalue("mesh")
    return made


class Shell:
    """A shell of somebody who holds a token."""

    def __init__(self, folder: Path, server: str, secret: str) -> None:
        self.folder = folder
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(folder),
            "ENTROPY_DATA_HOST": server,
            "ENTROPY_DATA_API_KEY": secret,
            "COLUMNS": "200",
        }

    def run(self, name: str, *arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [engines.client(name), *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def write(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text)
        return name


@pytest.fixture
def shell(people: Mesh, live_server: LiveServer, tmp_path: Path) -> Shell:
    secret = make_token(people.alice, name="ci", scope="write", days=30)[1]
    return Shell(tmp_path, live_server.url, secret)


def test_a_contract_is_published_and_read_back(shell: Shell, live_server: LiveServer) -> None:
    make_product("orders")
    name = shell.write("orders.odcs.yaml", CONTRACT.format(version="1.0.0", type="number"))
    code, said = shell.run("datacontract", "publish", name)
    assert (code, "Published data contract successfully" in said) == (0, True), said
    assert "/products/claims/orders" in said
    assert Contract.objects.get().port_name == "sql"
    code, said = shell.run(
        "datacontract",
        "lint",
        "--no-inline-references",
        f"{live_server.url}/api/datacontracts/orders-contract",
    )
    assert (code, "valid" in said) == (0, True), said
    code, said = shell.run(
        "datacontract",
        "export",
        "sql",
        f"{live_server.url}/api/v1/contracts/orders-contract",
        "--dialect",
        "postgres",
    )
    assert code == 0, said
    assert "order_id" in said


def test_a_refused_contract_says_why(shell: Shell) -> None:
    make_product("orders")
    lost = CONTRACT.replace("claims/orders", "claims/nothing").format(version="1.0.0", type="number")
    code, said = shell.run("datacontract", "publish", shell.write("lost.odcs.yaml", lost))
    assert code == 1
    assert "names no product you may publish for" in said
    name = shell.write("orders.odcs.yaml", CONTRACT.format(version="1.0.0", type="number"))
    assert shell.run("datacontract", "publish", name)[0] == 0
    shell.write("orders.odcs.yaml", CONTRACT.format(version="1.0.0", type="string"))
    code, said = shell.run("datacontract", "publish", name)
    assert code == 1
    assert "is published with other content" in said


def test_a_token_of_another_team_publishes_nothing(
    shell: Shell, people: Mesh, live_server: LiveServer
) -> None:
    make_product("orders")
    shell.environment["ENTROPY_DATA_API_KEY"] = make_token(
        people.charlie, name="ci", scope="write", days=30
    )[1]
    name = shell.write("orders.odcs.yaml", CONTRACT.format(version="1.0.0", type="number"))
    code, said = shell.run("datacontract", "publish", name)
    assert (code, Contract.objects.count()) == (1, 0), said
    shell.environment["ENTROPY_DATA_API_KEY"] = "gz_wrong"
    code, said = shell.run("datacontract", "publish", name)
    assert (code, "unknown, expired or revoked" in said) == (1, True), said


def test_a_product_is_linted_and_published(shell: Shell) -> None:
    name = shell.write("orders.odps.yaml", PRODUCT.format(contract="orders-contract"))
    code, said = shell.run("dataproduct", "publish", name)
    assert (code, "Published data product successfully" in said) == (0, True), said
    product = Product.objects.get()
    assert (product.guid, product.name, str(product.ref)) == (
        "7a6c1d7e-orders",
        "Orders",
        "claims/orders",
    )
    code, said = shell.run("dataproduct", "lint", name)
    assert code != 0, said
    assert "orders-contract" in said
    text = CONTRACT.replace("dataProduct: claims/orders\n", "").format(version="1.0.0", type="number")
    contract = shell.write("orders.odcs.yaml", text)
    assert shell.run("datacontract", "publish", contract)[0] == 0
    code, said = shell.run("dataproduct", "lint", name)
    assert code == 0, said
    assert Contract.objects.get().product == product
