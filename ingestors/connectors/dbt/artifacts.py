"""Read the files that dbt writes: `manifest.json` and what stands beside it. Free of Django.

Only the files an operator named are opened, and nothing they point at. What a file holds is read tolerantly:
genuine files do not keep to the published JSON Schemas.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from catalog.standards.quality.results import mapping, text
from ingestors.authority.process import held
from ingestors.connectors.filesystems import judge_place, open_place
from ingestors.connectors.secrets import scrub
from ingestors.errors import ConfigInvalid, SourceUnavailable

#: Name of the field -> file in the folder.
FILES = {
    "manifest": "manifest.json",
    "catalog": "catalog.json",
    "run_results": "run_results.json",
    "sources": "sources.json",
}
#: The newest manifest whose shape is known.
NEWEST = 12


@dataclass(frozen=True, slots=True)
class Artifacts:
    """The documents of one dbt project; those that were not there are empty."""

    manifest: dict[str, Any]
    catalog: dict[str, Any]
    run_results: dict[str, Any]
    sources: dict[str, Any]

    @property
    def version(self) -> int | None:
        """The version of the manifest, as its schema's address says."""
        schema = text(mapping(self.manifest.get("metadata")).get("dbt_schema_version"))
        digits = schema.rpartition("/v")[2].partition(".")[0]
        return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 4 else None


class Folder:
    """A folder of artifacts on any fsspec file system. No I/O before `read`."""

    def __init__(self, path: str, names: dict[str, str], max_bytes: int) -> None:
        self.path, self.names, self.max_bytes = path, names, max_bytes

    def read(self) -> Artifacts:
        """Read every file that is there. Raises SourceUnavailable, ConfigInvalid."""
        found = {kind: self._document(kind) for kind in FILES}
        manifest = found["manifest"]
        if manifest is None:
            raise SourceUnavailable(f"there is no {self.names['manifest']} in {scrub(self.path)}")
        for kind, document in found.items():
            _check_kind(kind, self.names[kind], document)
        return Artifacts(**{kind: document or {} for kind, document in found.items()})

    def _document(self, kind: str) -> dict[str, Any] | None:
        name, permit = self.names[kind], held().permit
        filesystem, root = open_place(self.path, permit)
        place = f"{root}/{name}"
        judge_place(f"{self.path.rstrip('/')}/{name}", permit, field=kind)
        try:
            if not filesystem.isfile(place):
                return None
            if (size := filesystem.size(place) or 0) > self.max_bytes:
                said = f"{name} holds {size} bytes, more than max_bytes allows"
                raise ConfigInvalid.of("max_bytes", str(self.max_bytes), said)
            with filesystem.open(place, "rb") as file:
                raw = file.read(self.max_bytes + 1)
        except OSError as error:
            said = error.strerror or type(error).__name__
            raise SourceUnavailable(f"{name} cannot be read: {scrub(said)[:300]}") from None
        return _parse(name, raw)


def _parse(name: str, raw: bytes) -> dict[str, Any]:
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        message = f"{name} is no whole JSON document; dbt may be writing it just now"
        raise SourceUnavailable(message) from None
    if not isinstance(document, dict):
        raise SourceUnavailable(f"{name} is no JSON object, as dbt writes it")
    return document


def _check_kind(kind: str, name: str, document: dict[str, Any] | None) -> None:
    """Refuse one artifact in the place of another, and what is none."""
    if document is None:
        return
    schema = text(mapping(document.get("metadata")).get("dbt_schema_version"))
    wanted = f"/{kind.replace('_', '-')}/"
    if schema and wanted not in schema:
        raise ConfigInvalid.of(kind, repr(name), f"the file says it is {schema}, no {kind}")
    if kind == "manifest" and not isinstance(document.get("nodes"), dict):
        raise ConfigInvalid.of(kind, repr(name), "the file has no nodes, so it is no manifest")
