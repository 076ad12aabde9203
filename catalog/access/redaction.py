"""What a page keeps from people is kept from them in the history of a product, too.

Whom to ask and where the data lies opens with access, and what is hidden has no name. The log holds each change
before and after; so whoever reads it out, withholds here first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from catalog.access.grants import granted_products
from catalog.descriptors import Classification
from catalog.models import Dataset, Domain, Event, Layer, Product, Team
from catalog.models.events import STATED
from catalog.names import ProductRef
from catalog.people import policies
from catalog.people.keys import FormerKeys
from catalog.people.policies import Action, Viewer
from catalog.registry.paths import Path
from catalog.registry.revision_history import compared, states_at
from catalog.visibility import PUBLIC, SIGNED_IN, viewer_tokens

WITHHELD = "opens with access"
RESTRICTED = "restricted"
SOMEBODY = "Somebody"
#: Of a product, and of each item of its lists: the fields that open with access.
FIELDS = frozenset({"support"})
ITEM_FIELDS: Mapping[str, frozenset[str]] = {
    "ports": frozenset({"location"}),
    "contracts": frozenset({"document"}),
}
#: Fields that name a product by its address.
_REFS = frozenset({"upstream", "successor", "address"})
#: Statements of SQL name what they read; the page of a dataset shows them to whoever may see all of that.
STATEMENTS = frozenset({"view_definition"})
ON_ITS_PAGE = "shown on its page"
_ADDRESS = frozenset({"namespace", "name"})
Tokens = frozenset[str] | None
_GATED = (Classification.CONFIDENTIAL.value, Classification.RESTRICTED.value)


@dataclass(frozen=True, slots=True)
class Shade:
    """What of some products' statements a person may not read."""

    closed: frozenset[int]  # gated products whose contacts and places stay shut
    addresses: frozenset[tuple[str, str]] = frozenset()  # of hidden datasets
    refs: frozenset[str] = frozenset()  # of hidden products, and any in hidden domains
    keys: Mapping[str, frozenset[str]] = field(default_factory=dict)  # of hidden domains and teams
    has_statements: bool = False

    def told(self, product: int | None, change: Mapping[str, Any]) -> dict[str, Any]:
        """Return a change (`path`, `before`, `after`) of a product or dataset as it may be read."""
        path = Path.parse(str(change["path"]))
        return {
            **change,
            "before": self.value(product, path, change.get("before")),
            "after": self.value(product, path, change.get("after")),
        }

    def value(self, product: int | None, path: Path, value: Any) -> Any:
        """Return what stands at a path, as it may be read."""
        field = path.field or (path.name if path.item is None else "")
        shown = self._named(field, value)
        if product not in self.closed or not value:
            return shown
        hidden = ITEM_FIELDS.get(path.name, frozenset())
        if (path.item is None and path.name in FIELDS) or path.field in hidden:
            return WITHHELD
        if path.item is not None and path.field is None and isinstance(shown, Mapping):
            return {n: WITHHELD if n in hidden and v else v for n, v in shown.items()}
        return shown

    def _named(self, field: str, value: Any) -> Any:
        """Take the names of what is hidden out of a value."""
        if isinstance(value, list):
            return [self._named(field, one) for one in value]
        if isinstance(value, Mapping):
            if value.keys() >= _ADDRESS and _pair(value) in self.addresses:
                return {**value, "namespace": RESTRICTED, "name": RESTRICTED}
            return {name: self._named(name, one) for name, one in value.items()}
        if field in STATEMENTS and value and not self.has_statements:
            return ON_ITS_PAGE
        is_hidden = value in self.refs if field in _REFS else value in self.keys.get(field, ())
        return RESTRICTED if is_hidden else value


def withhold(events: Iterable[Event], user: Viewer) -> list[Event]:
    """Return events as a person may read them; at most seven queries, five where nothing is gated."""
    rows = without_people(events, user)
    return _without(rows, closed_to(user, _products(rows)), viewer_tokens(user))


def without_people(events: Iterable[Event], user: Viewer) -> list[Event]:
    """Return events; who has not signed in is told of no person by name, as on every page."""
    rows = list(events)
    for event in () if user.is_authenticated else rows:
        if event.actor_id is not None:
            event.actor_name = SOMEBODY
    return rows


def withhold_from_all(events: Iterable[Event]) -> list[Event]:
    """Return events as everybody who signs in may read them that sees their products."""
    rows = list(events)
    return _without(rows, _gated(_products(rows)), frozenset({PUBLIC, SIGNED_IN}))


def closed_to(user: Viewer, product_ids: Collection[int]) -> frozenset[int]:
    """Return which of some products are gated and not open to a person; one query where none is gated."""
    return still_closed(_gated(product_ids), user)


def still_closed(gated: frozenset[int], user: Viewer) -> frozenset[int]:
    """Return which of some gated products are not open to a person; no query without any."""
    if not gated:
        return gated
    rows = Product.objects.filter(pk__in=gated).order_by()
    opened = policies.where(rows, user, Action.SEE_CONTACT).values_list("pk", flat=True)
    return gated - frozenset(opened) - granted_products(user)


def shade(user: Viewer, product_id: int | None, values: Iterable[tuple[str, Any]]) -> Shade:
    """Return what a person may not read of one product's statements, given as fields and their values."""
    closed = closed_to(user, {product_id} if product_id else ())
    return _shade(closed, viewer_tokens(user), values)


@dataclass(frozen=True, slots=True)
class StateAt:
    """What a person may read of what was stated of a product at a time, and what changed since another."""

    at: datetime
    revision: int
    state: dict[str, Any]
    since: datetime | None = None
    changes: tuple[dict[str, Any], ...] = ()


def read_state(
    product: Product, user: Viewer, at: datetime, since: datetime | None = None
) -> StateAt | None:
    """Return a product as of a time; None when it was not registered then."""
    now, before = states_at(product, at, since or at)
    if now is None:
        return None
    content = now.merged.content()
    changes = [change.as_data() for change in compared(product, before, now)] if since else []
    values = [
        (change["path"].rpartition(".")[2], change[side])
        for change in changes
        for side in ("before", "after")
    ]
    found = shade(user, product.pk, [*content.items(), *values])
    state = {
        name: [found.value(product.pk, Path(name, ()), one) for one in value]
        if name in now.merged.items
        else found.value(product.pk, Path(name), value)
        for name, value in content.items()
    }
    shown = tuple(found.told(product.pk, change) for change in changes)
    return StateAt(now.at, now.revision, state, since, shown)


def foreign_keys_of(dataset: Dataset, user: Viewer) -> list[dict[str, Any]]:
    """Return what the columns of a dataset refer to; a table that is hidden has no name."""
    keys: list[dict[str, Any]] = dataset.foreign_keys
    return shade(user, None, [("foreign_keys", keys)]).value(None, Path("foreign_keys"), keys)  # type: ignore[no-any-return]


def _products(events: Iterable[Event]) -> set[int]:
    """Return the products whose changes are told."""
    return {e.product_id for e in events if e.product_id and e.subject_kind == "product"}


def _gated(product_ids: Collection[int]) -> frozenset[int]:
    if not product_ids:
        return frozenset()
    rows = Product.objects.filter(pk__in=product_ids, classification__in=_GATED)
    return frozenset(rows.order_by().values_list("pk", flat=True))


def _without(events: list[Event], closed: frozenset[int], tokens: Tokens) -> list[Event]:
    changed = [event for event in events if event.data.get("changes")]
    values = (
        (Path.parse(str(change["path"])), change.get(side))
        for event in changed
        for change in event.data["changes"]
        for side in ("before", "after")
    )
    found = _shade(closed, tokens, ((path.field or path.name, value) for path, value in values))
    for event in changed:
        product = event.product_id if event.subject_kind == "product" else None
        shown = [found.told(product, change) for change in event.data["changes"]]
        event.data = {**event.data, "changes": shown}
    return events


def _shade(closed: frozenset[int], tokens: Tokens, values: Iterable[tuple[str, Any]]) -> Shade:
    if tokens is None:
        return Shade(closed, has_statements=True)
    pairs = list(values)
    named = {name for field, value in pairs for name in _names(field, value)}
    addresses = {name for name in named if isinstance(name, tuple)}
    refs = {name for name in named if isinstance(name, str)}
    keys = {
        field: {value for name, value in pairs if name == field and isinstance(value, str)}
        for field in ("domain", "team")
    }
    return Shade(
        closed,
        _hidden_addresses(addresses, tokens),
        _hidden_refs(refs, tokens),
        _hidden_keys(keys, tokens),
    )


def _names(field: str, value: Any) -> Iterator[tuple[str, str] | str]:
    """Yield the addresses of datasets and products that a value names."""
    if isinstance(value, list):
        for one in value:
            yield from _names(field, one)
    elif isinstance(value, Mapping):
        if value.keys() >= _ADDRESS:
            yield _pair(value)
        for name, one in value.items():
            yield from _names(name, one)
    elif field in _REFS and isinstance(value, str) and value:
        yield value


def _pair(value: Mapping[str, Any]) -> tuple[str, str]:
    return str(value["namespace"]), str(value["name"])


def _hidden_addresses(
    wanted: Collection[tuple[str, str]], tokens: frozenset[str]
) -> frozenset[tuple[str, str]]:
    if not wanted:
        return frozenset()
    rows = Dataset.objects.filter(
        namespace__in={one for one, _ in wanted}, name__in={name for _, name in wanted}
    ).exclude(audience__in=tokens)
    return frozenset(rows.order_by().values_list("namespace", "name")) & frozenset(wanted)


def _hidden_refs(wanted: Collection[str], tokens: frozenset[str]) -> frozenset[str]:
    known, former = {}, FormerKeys.load()
    for text in wanted:
        try:
            known[text] = ProductRef.parse(former.ref(text))
        except ValueError:
            continue
    if not known:
        return frozenset()
    rows = Product.objects.filter(
        domain__key__in={ref.domain for ref in known.values()},
        key__in={ref.key for ref in known.values()},
    ).exclude(audience__in=tokens)
    hidden = {
        f"{domain}/{key}" for domain, key in rows.order_by().values_list("domain__key", "key")
    }
    areas = _hidden_keys({"domain": {ref.domain for ref in known.values()}}, tokens)["domain"]
    hidden |= _hidden_once_gone({str(ref) for ref in known.values()} - hidden, tokens)
    return frozenset(
        text for text, ref in known.items() if ref.domain in areas or str(ref) in hidden
    )


def _hidden_once_gone(refs: Collection[str], tokens: frozenset[str]) -> frozenset[str]:
    """Return the products that were ever hidden among those deleted; what is gone is told by its layers alone."""
    kept = Layer.objects.filter(subject_kind="product", subject_key__in=refs).order_by()
    there = Product.objects.filter(key__in={ref.partition("/")[2] for ref in refs}).order_by()
    present = {f"{domain}/{key}" for domain, key in there.values_list("domain__key", "key")}
    gone = set(kept.values_list("subject_key", flat=True)) - present
    if not gone:
        return frozenset()
    stated = Event.objects.filter(subject_kind="product", type__in=STATED, subject_key__in=gone)
    rows = stated.exclude(audience__in=tokens).order_by()
    return frozenset(rows.values_list("subject_key", flat=True))


def _hidden_keys(
    wanted: Mapping[str, Collection[str]], tokens: frozenset[str]
) -> dict[str, frozenset[str]]:
    """Return which of some domains and teams, by key, are hidden: at most one query each."""
    found: dict[str, frozenset[str]] = {"domain": frozenset(), "team": frozenset()}
    if keys := wanted.get("domain"):
        hidden = Domain.objects.exclude(audience__in=tokens)
        found["domain"] = _keys_of(hidden, keys)
    if keys := wanted.get("team"):
        seen = Team.objects.order_by().known_to(tokens).values("pk")
        found["team"] = _keys_of(Team.objects.exclude(pk__in=seen), keys)
    return found


def _keys_of(rows: QuerySet[Domain] | QuerySet[Team], keys: Collection[str]) -> frozenset[str]:
    """Return which of some keys these rows have, or had."""
    now = rows.filter(key__in=keys).order_by().values_list("key", flat=True)
    former = rows.filter(former_keys__key__in=keys).order_by()
    return frozenset(now.union(former.values_list("former_keys__key", flat=True)))
