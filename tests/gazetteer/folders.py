"""Product folders to test with."""

from __future__ import annotations

from pathlib import Path

PRODUCT = """\
apiVersion: v1.1.0
kind: DataProduct
id: 2f0c2d9e-orders
name: Orders
domain: claims
status: active
version: 1.0.0
team:
  name: Claims Analytics
outputPorts:
  - name: sql
    version: 1.0.0
    contractId: orders-table
  - name: files
    version: 1.0.0
    contractId: orders-files
"""
CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: {id}
version: {version}
status: active
schema:
  - name: orders
    physicalName: orders
    physicalType: table
    properties:
      - name: order_id
        logicalType: integer
        required: true
      - name: amount
        logicalType: number
"""


def contract(key: str = "orders-table", version: str = "1.0.0") -> str:
    """Return a contract with two columns."""
    return CONTRACT.format(id=key, version=version)


def write_folder(root: Path) -> Path:
    """Write a sound folder: a product with two contracts and two pages; return it."""
    (root / "contracts").mkdir(parents=True)
    (root / "product.odps.yaml").write_text(PRODUCT)
    (root / "contracts/table.odcs.yaml").write_text(contract())
    (root / "contracts/files.odcs.yaml").write_text(contract("orders-files"))
    (root / "README.md").write_text("# Orders\n\nOne row per order.\n")
    (root / "joins.md").write_text("---\ntitle: How to join\n---\n\nBy `order_id`.\n")
    return root
