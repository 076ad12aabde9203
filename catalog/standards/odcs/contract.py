"""What a contract of the standard promises, in the words of this catalog. Free of Django."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.descriptors import ContractDescriptor, PromisedColumn
from catalog.standards.odcs import shape, v2
from catalog.standards.odcs.versions import is_second

#: Logical types of the standard under our name.
TYPES = {"map": "object", "vector": "array"}
DRAFTS = frozenset({"proposed", "draft"})


@dataclass(frozen=True, slots=True)
class Address:
    """Where a contract says it belongs: product, domain, tenant; empty where it says nothing."""

    product: str
    port: str
    domain: str


def key_of(content: Mapping[str, Any]) -> tuple[str, str]:
    """Return the id and the version that tell a contract from all others."""
    own = content.get("id") or content.get("uuid") or ""
    return str(own), str(content.get("version") or "")


def third(content: dict[str, Any]) -> dict[str, Any]:
    """Return a contract in the shape of version 3, whatever it was written in."""
    return v2.to_third(content) if is_second(content) else content


def address_of(content: dict[str, Any]) -> Address:
    """Read where a contract belongs: `dataProduct`, or the custom properties of that name."""
    modern = third(content)
    fields = {
        str(one.get("property")): one.get("value")
        for one in modern.get("customProperties") or ()
        if isinstance(one, dict)
    }
    product = (
        modern.get("dataProduct") or fields.get("dataProduct") or fields.get("dataProductGUID")
    )
    port = fields.get("outputPort") or fields.get("port") or ""
    return Address(str(product or ""), str(port), str(modern.get("domain") or ""))


def descriptor_of(content: dict[str, Any], *, port: str) -> ContractDescriptor:
    """Return what a contract promises for a port; the whole document is kept beside it."""
    key, version = key_of(content)
    modern = third(content)
    description = modern.get("description")
    texts = description if isinstance(description, dict) else {"purpose": description or ""}
    return ContractDescriptor(
        key=key,
        version=version,
        port=port,
        status=str(modern.get("status") or "active"),
        purpose=str(texts.get("purpose") or ""),
        usage=str(texts.get("usage") or ""),
        limitations=str(texts.get("limitations") or ""),
        terms=_terms(modern),
        columns=list(_columns(modern)),
        document=ordered(content),
    )


def ordered(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return an equal contract whose fields stand in the order of the standard."""
    places = shape.order()
    last = len(places)

    def sort(value: Any) -> Any:
        if isinstance(value, list):
            return [sort(item) for item in value]
        if not isinstance(value, dict):
            return value
        names = sorted(value, key=lambda name: places.get(name, last))
        return {name: sort(value[name]) for name in names}

    made: dict[str, Any] = sort(dict(content))
    return made


def _terms(modern: Mapping[str, Any]) -> str:
    price = modern.get("price")
    if not isinstance(price, dict) or price.get("priceAmount") is None:
        return ""
    unit = price.get("priceUnit")
    cost = f"{price['priceAmount']} {price.get('priceCurrency') or ''}".strip()
    return f"Price: {cost}" + (f" per {unit}" if unit else "")


def _columns(modern: Mapping[str, Any]) -> Iterator[PromisedColumn]:
    for thing in modern.get("schema") or ():
        name = str(thing.get("physicalName") or thing.get("name") or "")
        seen: set[str] = set()
        for column in _below(name, "", thing):
            if column.path not in seen:
                seen.add(column.path)
                yield column


def _below(thing: str, base: str, holder: Mapping[str, Any]) -> Iterator[PromisedColumn]:
    for inner in holder.get("properties") or ():
        name = str(inner.get("physicalName") or inner.get("name") or "")
        path = f"{base}.{name}" if base else name
        logical = str(inner.get("logicalType") or "")
        yield PromisedColumn(
            object=thing,
            path=path,
            type=TYPES.get(logical, logical) or str(inner.get("physicalType") or ""),
            required=bool(inner.get("required")),
            unique=bool(inner.get("unique") or inner.get("primaryKey")),
            description=str(inner.get("description") or ""),
        )
        yield from _below(thing, path, inner)
        items = inner.get("items")
        if isinstance(items, dict):
            yield from _below(thing, path, items)
