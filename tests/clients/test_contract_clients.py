"""`datacontract` and `dataproduct`, unmodified, against a live server."""

from __future__ import annotations

from tests.clients.conftest import Shell, Site

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: {id}
version: 1.0.0
status: active
domain: claims
dataProduct: claims/{product}
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
name: Late orders
domain: claims
status: active
version: 1.2.0
outputPorts:
  - name: sql
    version: 1.0.0
    contractId: late-contract
team:
  name: Claims Analytics
"""


def contract(product: str, type: str = "number") -> str:
    return CONTRACT.format(id=f"{product}-contract", product=product, type=type)


def test_a_contract_is_published_and_read_back(shell: Shell, site: Site) -> None:
    site.product("orders")
    name = shell.write("orders.odcs.yaml", contract("orders"))
    code, said = shell.run("datacontract", "publish", name)
    assert (code, "Published data contract successfully" in said) == (0, True), said
    assert "/products/claims/orders" in said
    assert site.ask("Contract.objects.get(key='orders-contract').port_name") == "sql"
    address = f"{site.url}/api/datacontracts/orders-contract"
    code, said = shell.run("datacontract", "lint", "--no-inline-references", address)
    assert (code, "valid" in said) == (0, True), said
    address = f"{site.url}/api/v1/contracts/orders-contract"
    code, said = shell.run("datacontract", "export", "sql", address, "--dialect", "postgres")
    assert (code, "order_id" in said) == (0, True), said


def test_a_refused_contract_says_why(shell: Shell, site: Site) -> None:
    site.product("returns")
    lost = contract("returns").replace("claims/returns", "claims/nothing")
    code, said = shell.run("datacontract", "publish", shell.write("lost.odcs.yaml", lost))
    assert (code, "names no product you may publish for" in said) == (1, True), said
    name = shell.write("returns.odcs.yaml", contract("returns"))
    assert shell.run("datacontract", "publish", name)[0] == 0
    shell.write("returns.odcs.yaml", contract("returns", type="string"))
    code, said = shell.run("datacontract", "publish", name)
    assert (code, "is published with other content" in said) == (1, True), said


def test_a_token_of_another_team_publishes_nothing(shell: Shell, site: Site) -> None:
    site.product("refunds")
    name = shell.write("refunds.odcs.yaml", contract("refunds"))
    shell.environment["ENTROPY_DATA_API_KEY"] = site.tokens["charlie"]
    code, said = shell.run("datacontract", "publish", name)
    assert (code, "Yours: none" in said) == (1, True), said
    shell.environment["ENTROPY_DATA_API_KEY"] = "gz_wrong"
    code, said = shell.run("datacontract", "publish", name)
    assert (code, "unknown, expired or revoked" in said) == (1, True), said
    assert site.ask("Contract.objects.filter(key='refunds-contract').count()") == "0"


def test_a_product_is_published_and_linted_with_its_contract(shell: Shell, site: Site) -> None:
    name = shell.write("late.odps.yaml", PRODUCT)
    code, said = shell.run("dataproduct", "publish", name)
    assert (code, "Published data product successfully" in said) == (0, True), said
    found = "[(p.name, str(p.ref)) for p in Product.objects.filter(guid='7a6c1d7e-orders')]"
    assert site.ask(found) == "[('Late orders', 'claims/late-orders')]"
    code, said = shell.run("dataproduct", "lint", name)
    assert "No data contract with id 'late-contract' exists" in said
    text = contract("late").replace("dataProduct: claims/late\n", "")
    assert shell.run("datacontract", "publish", shell.write("late.odcs.yaml", text))[0] == 0
    code, said = shell.run("dataproduct", "lint", name)
    assert (code, "No data contract" in said) == (0, False), said
    assert site.ask("Contract.objects.get(key='late-contract').product.guid") == "7a6c1d7e-orders"


def test_a_refused_product_says_why(shell: Shell) -> None:
    lost = PRODUCT.replace("domain: claims", "domain: nowhere").replace(
        "7a6c1d7e-orders", "7a6c1d7e-lost"
    )
    name = shell.write("lost.odps.yaml", lost)
    code, said = shell.run("dataproduct", "publish", name)
    flat = said.replace("\n", " ")
    assert (code, "there is no such domain; there are insurance, claims" in flat) == (1, True), said


TESTED = """\
apiVersion: v3.1.0
kind: DataContract
id: paid-contract
version: 1.0.0
status: active
dataProduct: claims/paid
servers:
  - server: local
    type: local
    path: orders.csv
    format: csv
schema:
  - name: orders
    physicalType: table
    properties:
      - name: order_id
        logicalType: integer
        required: true
      - name: status
        logicalType: string
        quality:
          - id: known_status
            type: library
            metric: invalidValues
            arguments:
              validValues: [paid, open]
            mustBe: 0
            dimension: conformity
"""


def test_results_of_a_test_are_published_and_change_the_score(shell: Shell, site: Site) -> None:
    site.product("paid")
    name = shell.write("paid.odcs.yaml", TESTED)
    code, said = shell.run("datacontract", "publish", name)
    assert code == 0, said
    shell.write("orders.csv", "order_id,status\n1,paid\n2,open\n3,secret-row-value\n")
    address = f"{site.url}/api/test-results"
    code, said = shell.run("datacontract", "test", name, "--logs", "--publish", address)
    assert (code, "Published test results successfully" in said) == (1, True), said
    found = "[(c.last_outcome, c.last_rows_failed) for c in Check.objects.filter(params__quality='known_status')]"
    assert site.ask(found) == "[('failed', 1)]"
    assert float(site.ask("Product.objects.get(key='paid').quality_score")) < 100
    shell.write("orders.csv", "order_id,status\n1,paid\n2,open\n")
    code, said = shell.run("datacontract", "test", name, "--logs", "--publish", address)
    assert (code, "Published test results successfully" in said) == (0, True), said
    assert site.ask(found) == "[('passed', 0)]"
    assert (
        site.ask("sum('secret-row-value' in str(r.__dict__) for r in Result.objects.all())") == "0"
    )


def test_results_sent_without_a_token_are_refused_with_the_reason(shell: Shell, site: Site) -> None:
    shell.environment["ENTROPY_DATA_HOST"] = "http://127.0.0.1:9"
    name = shell.write("paid.odcs.yaml", TESTED)
    shell.write("orders.csv", "order_id,status\n1,paid\n")
    address = f"{site.url}/api/test-results"
    said = shell.run("datacontract", "test", name, "--logs", "--publish", address)[1]
    assert "Error publishing test results" in said, said
    assert "Sign in first" in said
