"""Nothing outside the registry writes what a mesh is made of."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OWNED = {"Product", "Port", "PortDataset", "Dataset", "Column", "Contract"}
WRITES = {
    "create",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
    "update",
    "insert",
    "upsert",
    "delete",
}
IMPORT = "from catalog.models import Check, Column, Contract, Dataset, Port, Product"
#: Measured numbers, which are no statements of anybody: the module and what it may write.
MEASURED = {
    "catalog/trust/scores.py",
    "catalog/trust/evaluate.py",
    "catalog/trust/objectives.py",
    "catalog/access/consumers.py",
    "catalog/people/audience.py",
}


def sources() -> list[Path]:
    folders = ("catalog", "lineage", "ingestors", "portal")
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    outside = [p for p in found if "migrations" not in p.parts and "node_modules" not in p.parts]
    return [p for p in outside if (ROOT / "catalog" / "registry") not in p.parents]


def chain(node: ast.expr) -> list[str]:
    """Return the names of a dotted call, from the left: `Product.objects.filter().update`."""
    names: list[str] = []
    while True:
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        else:
            break
    if isinstance(node, ast.Name):
        names.append(node.id)
    return names[::-1]


def models_in(tree: ast.AST) -> set[str]:
    """Return the owned models that a module imports."""
    return {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("catalog.models")
        for alias in node.names
        if alias.name in OWNED
    }


def writes(tree: ast.AST) -> list[tuple[int, str]]:
    """List the calls that write rows of the owned models, with their lines."""
    found = []
    owned = models_in(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        names = chain(node.func)
        first = node.args[0] if node.args else None
        model = first.id if isinstance(first, ast.Name) else ""
        through_manager = names[:1] and names[0] in owned and names[-1] in WRITES
        through_bulk = names[:1] == ["bulk"] and names[-1] in WRITES and model in owned
        made = len(names) == 1 and names[0] in owned
        if through_manager or through_bulk or made:
            found.append((node.lineno, ".".join(names)))
    return found


def test_only_the_registry_writes_products_datasets_and_contracts() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{line} {call}"
        for path in sources()
        if str(path.relative_to(ROOT)) not in MEASURED
        for line, call in writes(ast.parse(path.read_text()))
    }
    assert found == set()


@pytest.mark.parametrize(
    "text",
    [
        "Product.objects.create(key='x')",
        "Dataset.objects.filter(pk=1).update(name='x')",
        "Column.objects.all().delete()",
        "bulk.insert(Port, rows)",
        "Contract(key='x').save()",
    ],
)
def test_the_guard_sees_a_write(text: str) -> None:
    assert writes(ast.parse(f"{IMPORT}\n{text}"))


@pytest.mark.parametrize("text", ["Product.objects.filter(pk=1)", "bulk.update(Check, rows)"])
def test_the_guard_leaves_reading_alone(text: str) -> None:
    assert not writes(ast.parse(f"{IMPORT}\n{text}"))
