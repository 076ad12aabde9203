"""Documents of the server: a product with its contracts, or one contract, in the versions asked for."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from catalog.standards.diagnostics import Unreadable
from catalog.standards.odps.convert import convert as convert_product
from catalog.standards.odps.shape import NEWEST as NEWEST_ODPS
from catalog.standards.products import major_of
from catalog.standards.reading import read
from catalog.standards.writing import to_json, to_yaml
from gazetteer.failures import Refused
from gazetteer.folder import File, numbers, read_folder
from gazetteer.locate import get_product
from gazetteer.pages import Page, described
from gazetteer.server import Server

_MOST_CONTRACTS = 1_000
_FIELDS = ("version", "status", "domain")


@dataclass(frozen=True, slots=True)
class Document:
    """A document to write; `lost` says what the version asked for cannot say."""

    kind: str  # DataProduct, DataContract
    content: dict[str, Any]
    lost: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The id of the document."""
        return str(self.content.get("id") or self.content.get("uuid") or "")

    @property
    def version(self) -> str:
        """The version of the document."""
        return str(self.content.get("version") or "")

    def text(self, style: str) -> str:
        """Return the document as `yaml` or `json`."""
        return to_json(self.content) if style == "json" else to_yaml(self.content)


def product_documents(
    server: Server, name: str, *, odps: str = "", odcs: str = "", all_versions: bool = False
) -> list[Document]:
    """Return a product and its contracts in force, or all versions of them. Raises Failure."""
    product = get_product(server, name)
    guid = quote(str(product["dataProductGUID"]), safe="")
    asked = {"product": product["dataProductGUID"], "pageSize": 100}
    rows = server.rows("/api/v1/contracts", _MOST_CONTRACTS, **asked)
    content = server.find(f"/api/dataproducts/{guid}")
    if content is None:
        content = _written(server.get(f"/api/v1/dataproducts/{guid}"), rows)
    lost: list[Any] = []
    if odps:
        content, lost = convert_product(content, odps)
    losses = tuple(f"{one.path}: {one.message}" for one in lost)
    found = [Document("DataProduct", content, losses)]
    every = {(str(row["contractId"]), str(row["version"])) for row in rows}
    keys = every if all_versions else promised(content, rows)
    ordered = sorted(keys, key=lambda key: (key[0], numbers(key[1])))
    return found + [contract_document(server, *key, odcs=odcs) for key in ordered]


def promised(content: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> set[tuple[str, str]]:
    """Return the contracts in force, as (id, version; empty: the one in force).

    Where two majors of a port live side by side, each of them has its version: the last one of that major.
    """
    majors: dict[str, set[int]] = defaultdict(set)
    for port in content.get("outputPorts") or ():
        majors[str(port.get("contractId") or "")].add(major_of(port.get("version")))
    last: dict[tuple[str, int], Mapping[str, Any]] = {}
    for row in sorted(rows, key=lambda row: numbers(str(row["version"]))):
        last[str(row["contractId"]), major_of(row["version"])] = row
    found = set()
    for (key, major), row in last.items():
        is_beside = len(majors[key]) > 1 and major in majors[key]
        found.add((key, str(row["version"]) if is_beside else ""))
    beside = {key for key, version in found if version}
    return {(key, version) for key, version in found if version or key not in beside}


def contract_document(server: Server, key: str, version: str = "", *, odcs: str = "") -> Document:
    """Return a contract: the version in force, or another one. Raises Failure."""
    query = {"version": version, "apiVersion": odcs}
    given = {name: value for name, value in query.items() if value}
    content = server.get(f"/api/v1/contracts/{quote(key, safe='')}", **given)
    return Document("DataContract", content)


def _written(product: Mapping[str, Any], contracts: list[dict[str, Any]]) -> dict[str, Any]:
    """Write the descriptor of a product that was registered without one."""
    held = {row["port"]: row["contractId"] for row in reversed(contracts)}
    made: dict[str, Any] = {
        "apiVersion": NEWEST_ODPS,
        "kind": "DataProduct",
        "id": product["dataProductGUID"],
        "name": product["displayname"],
    }
    made |= {name: product[name] for name in _FIELDS if product.get(name)}
    if product.get("description"):
        made["description"] = {"purpose": product["description"]}
    if product.get("tags"):
        made["tags"] = product["tags"]
    ports = product.get("ports") or ()
    made["inputPorts"] = [_port(port, {}) for port in ports if port["direction"] == "in"]
    made["outputPorts"] = [_port(port, held) for port in ports if port["direction"] == "out"]
    if product.get("owner"):
        made["team"] = {"name": product["owner"]}
    return {name: value for name, value in made.items() if value != []}


def _port(port: Mapping[str, Any], contracts: Mapping[str, str]) -> dict[str, Any]:
    key = port["name"]
    made = {"name": port.get("displayName") or key, "version": port.get("version")}
    if port["direction"] == "out":
        made |= {"description": port.get("description"), "type": port.get("technology")}
        made["contractId"] = contracts.get(key) or contracts.get("")
    return {name: value for name, value in made.items() if value}


@dataclass(frozen=True, slots=True)
class Written:
    """A file, and what became of it: created, changed, unchanged."""

    path: Path
    outcome: str


def write(documents: list[Document], folder: Path, style: str, force: bool) -> list[Written]:
    """Write documents into a folder, over those of the same id. Raises Refused, with nothing written.

    A file of other content is replaced by `force` alone; one that says the same is left as it is.
    """
    known = read_folder(folder) if folder.exists() else None
    held = [*known.products, *known.contracts] if known else []
    counted = Counter((document.kind, document.id) for document in documents)
    plan: list[tuple[Document, Path, str]] = []
    for document in documents:
        is_alone = counted[document.kind, document.id] == 1
        path = _place(document, held, folder, style, is_alone)
        while any(path == other for _, other, _ in plan):
            path = path.with_name(f"other-{path.name}")
        plan.append((document, path, _outcome(document, path, known.pages if known else ())))
    at_stake = [str(path) for _, path, outcome in plan if outcome == "changed"]
    if at_stake and not force:
        names = ", ".join(at_stake)
        raise Refused(f"there is other content in {names}; --force replaces it")
    try:
        return list(_written_files(plan, style))
    except OSError as error:
        raise Refused(f"{error.filename or folder}: {error.strerror or error}") from error


def _written_files(plan: list[tuple[Document, Path, str]], style: str) -> Iterator[Written]:
    for document, path, outcome in plan:
        if outcome != "unchanged":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(document.text(_style_of(path, style)), encoding="utf-8")
        yield Written(path, outcome)


def _place(document: Document, held: list[File], folder: Path, style: str, is_alone: bool) -> Path:
    mine = [file for file in held if (file.kind, file.id) == (document.kind, document.id)]
    same = [file for file in mine if file.version == document.version]
    for file in (*same, *(mine if is_alone else ())):
        return Path(file.path)
    return folder / _name(document, style, with_version=not is_alone)


def _outcome(document: Document, path: Path, pages: Iterable[Page]) -> str:
    if not path.exists():
        return "created"
    try:
        held = read(path.read_bytes()).content
        is_same = document.content in (held, described(held, pages))
    except (Unreadable, OSError):
        is_same = False
    return "unchanged" if is_same else "changed"


def _style_of(path: Path, style: str) -> str:
    return (
        "json" if path.suffix == ".json" else "yaml" if path.suffix in {".yaml", ".yml"} else style
    )


def _name(document: Document, style: str, with_version: bool) -> str:
    if document.kind == "DataProduct":
        return f"product.odps.{style}"
    name = f"{document.id}-{document.version}" if with_version else document.id
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".-")[:100] or "contract"
    return f"contracts/{stem}.odcs.{style}"
