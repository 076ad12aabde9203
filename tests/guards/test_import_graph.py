"""No circle of files: what a module needs can be read before it, from the bottom up."""

from __future__ import annotations

import ast
from pathlib import Path

import networkx as nx

ROOT = Path(__file__).parents[2]
FOLDERS = ("catalog", "lineage", "ingestors", "portal", "gazetteer")


def modules() -> dict[str, Path]:
    """Return every module of the product by its dotted name; packages by the name of their folder."""
    found: dict[str, Path] = {}
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.py"):
            if {"node_modules", "migrations"} & set(path.parts):
                continue
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def graph() -> nx.DiGraph[str]:
    """Return which module imports which; `from package import module` is about the module."""
    known = modules()
    drawn: nx.DiGraph[str] = nx.DiGraph()
    for name, path in known.items():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                targets = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                within = [f"{node.module}.{alias.name}" for alias in node.names]
                targets = [full if full in known else node.module for full in within]
            else:
                continue
            drawn.add_edges_from((name, to) for to in targets if to in known and to != name)
    return drawn


def test_no_files_import_each_other_in_a_circle() -> None:
    circles = [sorted(part) for part in nx.strongly_connected_components(graph()) if len(part) > 1]
    assert circles == []


def test_the_guard_sees_late_imports_and_those_for_types() -> None:
    drawn = graph()
    assert drawn.has_edge("catalog.apps", "catalog.people.viewers")  # late
    assert drawn.has_edge(
        "catalog.tasks", "catalog.outbound.notifications"
    )  # a module of a package
