"""Nothing reaches the registry without saying who speaks."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: What writes, by the module it stands in, and the keyword that says who speaks.
WRITERS = {
    "catalog.registry.apply": {"apply": "authority"},
    "catalog.registry.observe": {"observe": "authority"},
    "catalog.registry.missing_datasets": {"mark_missing": "authority", "mark_gone": "authority"},
    "catalog.registry.edit": {"edit": "by", "take_back": "by"},
    "catalog.registry.remove": {"remove_product": "by"},
    "catalog.layerfiles.read": {"import_layers": "authority"},
}
#: Who may write without anybody's rights, and as whom.
SYSTEM = {
    "catalog/management/commands/import.py": "import",
    "catalog/registry/take_over.py": "namespaces",
    "portal/demo/jobs.py": "demo",
    "portal/demo/mesh.py": "demo",
}
#: Called by what stands above with an author already made.
INNER = {"catalog/layerfiles/read.py", "catalog/registry/edit.py", "catalog/registry/apply.py"}


def sources() -> dict[str, ast.Module]:
    folders = ("catalog", "lineage", "ingestors", "portal")
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return {
        str(path.relative_to(ROOT)): ast.parse(path.read_text())
        for path in found
        if not {"migrations", "node_modules"} & set(path.parts)
    }


def unspoken(tree: ast.Module) -> list[tuple[int, str]]:
    """List the calls of a writer that do not say who speaks, with their lines."""
    wanted = {
        alias.asname or alias.name: WRITERS[node.module][alias.name]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in WRITERS
        for alias in node.names
        if alias.name in WRITERS[node.module]
    }
    return [
        (node.lineno, node.func.id)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in wanted
        and wanted[node.func.id] not in {keyword.arg for keyword in node.keywords}
    ]


def named(tree: ast.Module, name: str) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
    ]


def test_every_write_says_who_speaks() -> None:
    found = {
        f"{path}:{line} {call}" for path, tree in sources().items() for line, call in unspoken(tree)
    }
    assert found == set()


@pytest.mark.parametrize("module", WRITERS)
def test_no_writer_has_a_default_for_who_speaks(module: str) -> None:
    tree = ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text())
    functions = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef)}
    for name, keyword in WRITERS[module].items():
        arguments = functions[name].args
        defaults = dict(zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True))
        assert {a.arg: d for a, d in defaults.items()}[keyword] is None, (module, name)


def test_only_named_parts_of_the_program_speak_as_the_system() -> None:
    found = {
        path: call.args[0].value
        for path, tree in sources().items()
        for call in named(tree, "system")
        if call.args and isinstance(call.args[0], ast.Constant)
    }
    assert found == SYSTEM


def test_only_the_door_makes_authors_and_takes_chunks() -> None:
    found = {
        path
        for path, tree in sources().items()
        if named(tree, "apply_chunk") or named(tree, "SystemAuthority")
    }
    assert found <= INNER | {"catalog/people/authority.py"}


def test_the_guard_sees_a_write_without_authority() -> None:
    text = "from catalog.registry.apply import apply as put\nput([], layer=x, source='s')"
    assert unspoken(ast.parse(text)) == [(2, "put")]
    assert not unspoken(ast.parse(text.replace("'s'", "'s', authority=me")))
