"""Write every declared and curated layer into a folder, for git."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from catalog.db.batches import batched
from catalog.descriptors import DatasetAddress, LayerKind
from catalog.layerfiles.form import FieldStamp, LayerEntry, LayerFile, dump
from catalog.models import Dataset, Layer, Product, User
from catalog.names import slugify
from catalog.registry.merge import Stamp

MARK = ".gazetteer-export"
FOLDERS = ("products", "datasets")
CHUNK = 500
_Row = TypeVar("_Row")
_KINDS = (LayerKind.DECLARED.value, LayerKind.CURATED.value)


class FolderRefused(RuntimeError):
    """The folder holds something else; nothing was written."""


@dataclass(frozen=True, slots=True)
class Exported:
    """How many files were written, left as they were, and removed."""

    written: int
    unchanged: int
    removed: int


def export_layers(folder: Path) -> Exported:
    """Make the folder hold one file for each product and dataset that somebody described.

    Files of an earlier export whose product is no more are removed. Raises FolderRefused for a folder with
    something else in `products` or `datasets`, and OSError.
    """
    mark = folder / MARK
    if not mark.exists() and any((folder / name).exists() for name in FOLDERS):
        raise FolderRefused(
            f"{folder} holds {' or '.join(FOLDERS)} already, but no {MARK}: it is no export;"
            " take another folder"
        )
    folder.mkdir(parents=True, exist_ok=True)
    mark.write_text("Made by `manage.py export`; `manage.py import` reads it.\n", encoding="utf-8")
    written = unchanged = 0
    kept: set[Path] = set()
    for path, text in layer_files():
        target = folder / path
        kept.add(target)
        if target.is_file() and target.read_text(encoding="utf-8") == text:
            unchanged += 1
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")
        written += 1
    return Exported(written, unchanged, _remove_others(folder, kept))


def layer_files() -> Iterator[tuple[str, str]]:
    """Yield the path and text of every file, in one order: six queries for 500 subjects."""
    names = dict(User.objects.values_list("pk", "username"))
    products = Product.objects.select_related("domain").order_by("domain__key", "key")
    for part in batched(products.iterator(chunk_size=CHUNK), CHUNK):
        layers = _layers("product", [str(row.ref) for row in part])
        for row in part:
            if said := layers.get(str(row.ref)):
                file = LayerFile(product=str(row.ref), layers=[_said(one, names) for one in said])
                yield f"products/{row.domain.key}/{row.key}.yaml", dump(file)
    datasets = Dataset.objects.only("namespace", "name").order_by("namespace", "name")
    for chunk in batched(datasets.iterator(chunk_size=CHUNK), CHUNK):
        layers = _layers("dataset", [row.ref.subject for row in chunk])
        for dataset in chunk:
            if said := layers.get(dataset.ref.subject):
                address = DatasetAddress(namespace=dataset.namespace, name=dataset.name)
                file = LayerFile(dataset=address, layers=[_said(one, names) for one in said])
                yield _dataset_path(dataset), dump(file)


def _layers(kind: str, keys: list[str]) -> dict[str, list[Layer]]:
    found: dict[str, list[Layer]] = {}
    rows = Layer.objects.filter(subject_kind=kind, subject_key__in=keys, kind__in=_KINDS)
    for row in sorted(rows, key=lambda row: (_KINDS.index(row.kind), row.source)):
        found.setdefault(row.subject_key, []).append(row)
    return found


def _said(layer: Layer, names: dict[int, str]) -> LayerEntry:
    stamps = {path: Stamp.parse(said) for path, said in layer.stamps.items()}
    return LayerEntry(
        layer="curated" if layer.kind == LayerKind.CURATED else "declared",
        source=layer.source,
        stated_at=layer.stated_at,
        by=names.get(layer.by_id or 0),
        says=layer.content,
        stamps={
            path: FieldStamp(at=stamp.at, by=names.get(stamp.by or 0))
            for path, stamp in stamps.items()
        },
    )


def _dataset_path(dataset: Dataset) -> str:
    mark = hashlib.sha256(dataset.ref.subject.encode()).hexdigest()[:10]
    folder = slugify(dataset.namespace) or "other"
    return f"datasets/{folder}/{slugify(dataset.name) or 'dataset'}-{mark}.yaml"


def _remove_others(folder: Path, kept: set[Path]) -> int:
    gone = [
        path for name in FOLDERS for path in (folder / name).rglob("*.yaml") if path not in kept
    ]
    for path in gone:
        path.unlink()
        if not any(path.parent.iterdir()):
            path.parent.rmdir()
    return len(gone)
