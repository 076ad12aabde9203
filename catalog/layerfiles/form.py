"""One file: a product or dataset and what its declared and curated layers say. Free of Django.

The text is YAML with a fixed order of names, so that a change of one field is a change of one line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

import yaml
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from yaml import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    CSafeDumper,
    CSafeLoader,
    MappingNode,
    YAMLError,
)

from catalog.descriptors import (
    CheckDescriptor,
    ColumnDescriptor,
    ContractDescriptor,
    DatasetAddress,
    DatasetDescriptor,
    Descriptor,
    ObjectiveDescriptor,
    PortDescriptor,
    ProductDescriptor,
    PromisedColumn,
)
from catalog.names import ProductRef

MOST_BYTES = 8 * 1024 * 1024
MOST_DEPTH = 60
_Source = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class FileInvalid(ValueError):
    """A file cannot be taken; `problems` are pairs of a field's path and what is wrong with it."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        self.problems = problems
        super().__init__(
            "; ".join(f"{path}: {message}" if path else message for path, message in problems)
        )


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldStamp(_Part):
    """When one field was said, and by whom (a user name)."""

    at: AwareDatetime
    by: str | None = None


class LayerEntry(_Part):
    """What one source says. `stated_at` left out: said when the file is read, unless it is known already."""

    layer: Literal["declared", "curated"]
    source: _Source
    stated_at: AwareDatetime | None = None
    by: str | None = None
    says: dict[str, Any]
    stamps: dict[str, FieldStamp] = {}


class LayerFile(_Part):
    """A product (`domain/key`) or a dataset, and its layers."""

    product: str | None = None
    dataset: DatasetAddress | None = None
    layers: Annotated[list[LayerEntry], Field(min_length=1)]

    def descriptors(self) -> list[Descriptor]:
        """Return each layer as what the door takes. Raises FileInvalid."""
        problems: list[tuple[str, str]] = []
        made = []
        for place, layer in enumerate(self.layers):
            try:
                made.append(self._descriptor(layer.says))
            except ValidationError as error:
                problems += _told(error, f"layers[{place}].says")
            except ValueError as error:
                problems.append(("product", str(error)))
        if problems:
            raise FileInvalid(problems)
        return made

    def _descriptor(self, says: Mapping[str, Any]) -> Descriptor:
        if self.product is not None:
            ref = ProductRef.parse(self.product)
            return ProductDescriptor.model_validate({**says, "domain": ref.domain, "key": ref.key})
        if self.dataset is None:
            raise ValueError("name a product or a dataset")
        address = {"namespace": self.dataset.namespace, "name": self.dataset.name}
        return DatasetDescriptor.model_validate({**says, **address})


_INNER: Mapping[str, type[BaseModel]] = {
    "ports": PortDescriptor,
    "contracts": ContractDescriptor,
    "objectives": ObjectiveDescriptor,
    "checks": CheckDescriptor,
    "datasets": DatasetAddress,
}


class _Dumper(CSafeDumper):
    """Writes text of several lines as such."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write every value out."""
        return True


def _write_text(dumper: CSafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _write_text)


class _Loader(CSafeLoader):
    """Reads dates as text, and no name twice."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in CSafeLoader.yaml_implicit_resolvers.items()
}


def _read_mapping(loader: _Loader, node: MappingNode) -> dict[Any, Any]:
    names = [loader.construct_object(key, deep=True) for key, _ in node.value]
    twice = {str(name) for name in names if names.count(name) > 1} if len(names) < 500 else set()
    if twice:
        line = node.start_mark.line + 1
        raise FileInvalid(
            [("", f"from line {line}: {', '.join(sorted(twice))} stands there twice")]
        )
    found: dict[Any, Any] = loader.construct_mapping(node, deep=True)
    return found


_Loader.add_constructor("tag:yaml.org,2002:map", _read_mapping)


def dump(file: LayerFile) -> str:
    """Return the text of a file; the same content always gives the same text."""
    address: dict[str, Any] = (
        {"product": file.product}
        if file.product is not None
        else {"dataset": file.dataset.model_dump() if file.dataset else None}
    )
    model = ProductDescriptor if file.product is not None else DatasetDescriptor
    layers = [_layer(layer, model) for layer in file.layers]
    return yaml.dump(
        {**address, "layers": layers},
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=100_000,
    )


def _layer(layer: LayerEntry, model: type[BaseModel]) -> dict[str, Any]:
    found: dict[str, Any] = {"layer": layer.layer, "source": layer.source}
    if layer.stated_at is not None:
        found["stated_at"] = _time(layer.stated_at)
    if layer.by is not None:
        found["by"] = layer.by
    found["says"] = _ordered(layer.says, model)
    if layer.stamps:
        found["stamps"] = {
            path: {"at": _time(stamp.at), **({"by": stamp.by} if stamp.by else {})}
            for path, stamp in sorted(layer.stamps.items())
        }
    return found


def _time(at: datetime) -> str:
    return at.isoformat()


def _ordered(value: Any, model: type[BaseModel] | None) -> Any:
    """Put names in the order of the documents' fields, others after them by the alphabet."""
    if isinstance(value, list):
        return [_ordered(item, model) for item in value]
    if not isinstance(value, dict):
        return value
    fields = list(model.model_fields) if model else []
    names = sorted(value, key=lambda n: (fields.index(n) if n in fields else len(fields), n))
    return {name: _ordered(value[name], _model_of(name, model)) for name in names}


def _model_of(name: str, parent: type[BaseModel] | None) -> type[BaseModel] | None:
    if name == "columns" and parent is not None:
        return PromisedColumn if parent is ContractDescriptor else ColumnDescriptor
    return _INNER.get(name) if parent is not None else None


def _scan(text: str) -> None:
    """Refuse what would make much of little: aliases, and lists in lists in lists."""
    depth = 0
    for event in yaml.parse(text, Loader=CSafeLoader):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if isinstance(event, AliasEvent):
            raise FileInvalid([("", "aliases (*name) are not read; write the value out")])
        if depth > MOST_DEPTH:
            raise FileInvalid([("", f"it is nested more than {MOST_DEPTH} deep")])


def parse(text: str) -> LayerFile:
    """Read a file. Raises FileInvalid with the path of each field that is wrong."""
    if len(text) > MOST_BYTES:
        raise FileInvalid([("", f"it has {len(text)} characters; at most {MOST_BYTES} are read")])
    try:
        _scan(text)
        data = yaml.load(text, Loader=_Loader)  # noqa: S506 -- made of the safe loader
    except YAMLError as error:
        raise FileInvalid([("", " ".join(str(error).split()))]) from error
    if not isinstance(data, dict):
        raise FileInvalid([("", "a file holds `product` or `dataset`, and `layers`")])
    try:
        file = LayerFile.model_validate(data)
    except ValidationError as error:
        raise FileInvalid(list(_told(error))) from error
    if (file.product is None) == (file.dataset is None):
        raise FileInvalid([("", "name either a product (domain/key) or a dataset")])
    file.descriptors()
    return file


def _told(error: ValidationError, base: str = "") -> Iterator[tuple[str, str]]:
    for one in error.errors(include_url=False):
        path = base
        for step in one["loc"]:
            path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else str(step)
        value = one.get("input")
        shown = "" if isinstance(value, dict | list) else f" (it is {str(value)[:100]!r})"
        yield path, f"{one['msg']}{shown}"
