"""Find where a contract belongs: which product, and which of its output ports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from catalog.contracts.errors import NotYours, Refused
from catalog.models import Contract, Port, Product, User
from catalog.names import slugify
from catalog.people import policies
from catalog.people.keys import FormerKeys
from catalog.people.policies import Action
from catalog.registry.outcomes import Problem
from catalog.standards.odcs.contract import Address, address_of, key_of

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class TargetPort:
    """A product, and the name of one of its output ports; empty: all of the product."""

    product: Product
    port: str


def find_target_port(
    content: dict[str, Any], *, by: User, product: Product | None = None, port: str = ""
) -> TargetPort:
    """Return where a contract belongs: where it is already, where a port waits for it, or where it says.

    An id names one contract among those one may see; a contract that is hidden is as none.
    Raises Refused where it says nothing that is found, NotYours where the product is another team's.
    """
    key, _ = key_of(content)
    address = address_of(content)
    rows = Contract.objects.visible_to(by).filter(key=key)
    mine = policies.where(Product.objects.order_by(), by, Action.PUBLISH_PRODUCT).values("pk")
    newest = rows.order_by("-created_at")
    known = newest.filter(product__in=mine).first() or newest.first()
    holder = _holder(key, known, product, address, by)
    if not policies.may(by, Action.PUBLISH_PRODUCT, holder):
        raise NotYours
    return TargetPort(holder, _port(holder, key, known, port or address.port, content))


def _holder(
    key: str, known: Contract | None, product: Product | None, address: Address, by: User
) -> Product:
    rows = Product.objects.select_related("domain", "team")
    if known is not None:
        if product is not None and product.pk != known.product_id:
            message = "another product has a contract of this id; an id names one contract"
            raise Refused([Problem("id", key, message)])
        return rows.get(pk=known.product_id)
    if product is not None:
        return product
    mine = policies.where(rows, by, Action.PUBLISH_PRODUCT)
    waiting = mine.filter(ports__direction="out", ports__contract_key=key).distinct()[:2]
    if len(waiting) == 1:
        return waiting[0]
    found = list(_said(address, mine)[:2]) if address.product else []
    if len(found) == 1:
        return found[0]
    raise Refused([_nowhere(address, by, len(found))])


def _said(address: Address, mine: QuerySet[Product]) -> QuerySet[Product]:
    text = address.product.removeprefix("urn:gazetteer:").replace(":", "/")
    text = FormerKeys.load().ref(text)
    domain, slash, key = text.partition("/")
    if slash:
        return mine.filter(domain__key=domain, key=key.split("/")[0])
    named = mine.filter(Q(guid=address.product) | Q(key=slugify(text)) | Q(name__iexact=text))
    if address.domain and named.count() > 1:
        inside = Q(domain__key=slugify(address.domain)) | Q(domain__name__iexact=address.domain)
        return named.filter(inside)
    return named


def _nowhere(address: Address, by: User, count: int) -> Problem:
    mine = policies.where(
        Product.objects.select_related("domain").order_by("-updated_at"),
        by,
        Action.PUBLISH_PRODUCT,
    )
    names = ", ".join(str(product.ref) for product in mine[:_SHOWN]) or "none"
    what = "several products are called so" if count > 1 else "names no product you may publish for"
    message = (
        f"{what}; write dataProduct: <domain>/<product> or its GUID, or let an output port name this"
        f" contract. Yours: {names}"
    )
    return Problem("dataProduct", address.product or None, message)


def _port(
    product: Product, key: str, known: Contract | None, wanted: str, content: dict[str, Any]
) -> str:
    ports = list(Port.objects.filter(product=product, direction="out"))
    names = sorted({port.name for port in ports})
    if wanted:
        if slugify(wanted) in names:
            return slugify(wanted)
        allowed = ", ".join(names) or "none"
        raise Refused(
            [Problem("port", wanted, f"the product has no such output port; it has {allowed}")]
        )
    naming = [port.name for port in ports if port.contract_key == key]
    if naming:
        return naming[0]
    if known is not None and known.port_name in {*names, ""}:
        return known.port_name
    return names[0] if len(names) == 1 else ""
