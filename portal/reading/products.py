"""A product with what its first screen answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import (
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
)
from django.http import Http404

from catalog.descriptors import Indicator, Status
from catalog.models import (
    AccessRequest,
    Check,
    Dataset,
    Domain,
    Follow,
    Grant,
    Membership,
    Objective,
    Port,
    PortDataset,
    Product,
    Role,
    User,
)
from catalog.people.policies import TABLE, Action, may, stands
from catalog.visibility import viewer_tokens
from lineage.graph.causes import anything_ill

Viewer = User | AnonymousUser
FAILING = ("failed", "error")


@dataclass(frozen=True, slots=True)
class Input:
    """Something a product reads; without a product it is hidden or only stated."""

    port: Port
    product: Product | None
    is_stale: bool


@dataclass(frozen=True, slots=True)
class Access:
    """How the viewer stands: `granted`, `waiting`, `mine`, `none`, or `anonymous`."""

    state: str
    until: object = None


@dataclass(frozen=True, slots=True)
class Overview:
    """What the head and the rail of a product page show."""

    product: Product
    successor: Product | None
    above: Domain | None
    inputs: tuple[Input, ...]
    outputs: tuple[Port, ...]
    datasets: tuple[Dataset, ...]
    objectives: tuple[Objective, ...]
    people: tuple[Membership, ...]
    access: Access
    may_edit: bool
    may_see_contact: bool
    may_open_sample: bool
    is_followed: bool
    failing: int
    downstream: int
    downstream_teams: int
    may_be_late: bool
    changed_at: datetime

    @property
    def owner(self) -> User | None:
        """Whom to name as the owner: the first owner of the team."""
        return next((m.user for m in self.people if m.role == Role.OWNER), None)

    @property
    def fresh(self) -> Objective | None:
        """The promise about freshness, the tightest first."""
        own = [o for o in self.objectives if o.indicator == Indicator.FRESHNESS]
        return min(own, key=lambda o: o.target, default=None)

    @property
    def budget_left(self) -> float | None:
        """The smallest share of an error budget that is left, of all promises."""
        known = [o.budget_left for o in self.objectives if o.budget_left is not None]
        return min(known, default=None)

    @property
    def names(self) -> dict[tuple[str, str], str]:
        """What the subjects of the product's events are called, by kind and key."""
        known = {("dataset", str(d.ref)): d.display_name for d in self.datasets}
        return known | {("product", str(self.product.ref)): self.product.name}

    @property
    def stale(self) -> int:
        """How many inputs are late against their own promise."""
        return sum(1 for one in self.inputs if one.is_stale)

    @property
    def is_ending(self) -> bool:
        """Whether people should look for the successor."""
        return self.product.status in {Status.DEPRECATED, Status.RETIRED}

    @property
    def columns(self) -> int:
        """How many columns the visible datasets have together."""
        return sum(dataset.column_count for dataset in self.datasets)

    @property
    def rows(self) -> int | None:
        """How many rows the visible datasets have together, where counted."""
        counts = [d.row_count for d in self.datasets if d.row_count is not None]
        return sum(counts) if counts else None


def get_product(user: Viewer, domain: str, key: str) -> Product:
    """Return a product the viewer may see; raise Http404 for any other."""
    found = (
        Product.objects.visible_to(user)
        .filter(domain__key=domain, key=key)
        .select_related("domain__parent", "domain__team", "team", "successor__domain")
        .annotate(**_counts(user))
        .first()
    )
    if found is None:
        raise Http404("No such product.")
    return found


def overview(user: Viewer, product: Product) -> Overview:
    """Read what the head of the product's pages shows."""
    tokens = viewer_tokens(user)

    def is_visible(audience: str) -> bool:
        return tokens is None or audience in tokens

    ports = _ports(product)
    inputs = tuple(_input(port, is_visible) for port in ports if port.direction == "in")
    outputs = tuple(port for port in ports if port.direction == "out")
    served = {
        link.dataset.pk: link.dataset
        for port in outputs
        for link in port.addresses.all()
        if link.dataset is not None and is_visible(link.dataset.audience)
    }
    successor, above = product.successor, product.domain.parent
    access = _access(user, product)
    contact = _opens(user, Action.SEE_CONTACT, product, access)
    return Overview(
        product=product,
        successor=successor if successor and is_visible(successor.audience) else None,
        above=above if above and is_visible(above.audience) else None,
        inputs=inputs,
        outputs=outputs,
        datasets=tuple(sorted(served.values(), key=lambda d: (d.gone_at is not None, str(d)))),
        objectives=tuple(product.objectives.all()),
        people=_people(product) if contact else (),
        access=access,
        may_edit=may(user, Action.EDIT_PRODUCT, product),
        may_see_contact=contact,
        may_open_sample=_opens(user, Action.OPEN_SAMPLE, product, access),
        is_followed=bool(_extra(product, "followed")),
        failing=int(str(_extra(product, "failing") or 0)),
        downstream=int(str(_extra(product, "downstream") or 0)),
        downstream_teams=int(str(_extra(product, "downstream_teams") or 0)),
        may_be_late=bool(_extra(product, "failed_somewhere") or _extra(product, "stale_somewhere")),
        changed_at=product.updated_at,
    )


def readers(user: Viewer, product: Product) -> QuerySet[Product]:
    """Return the visible products that read this one."""
    return (
        Product.objects.visible_to(user)
        .filter(ports__direction="in", ports__upstream=product)
        .exclude(pk=product.pk)
        .select_related("domain", "team")
        .distinct()
        .order_by("name", "id")
    )


def _extra(product: Product, name: str) -> object:
    return product.__dict__.get(f"with_{name}")


def _number(product: Product, name: str) -> int:
    found = _extra(product, name)
    return found if isinstance(found, int) else 0


class _Distinct(Func):
    """Count different values of a whole subquery, without grouping it."""

    function = "COUNT"
    template = "%(function)s(DISTINCT %(expressions)s)"
    output_field = IntegerField()


def _counts(user: Viewer) -> dict[str, Exists | Subquery]:
    served = Q(dataset__ports__product=OuterRef("pk"), dataset__ports__direction="out")
    failing = (
        Check.objects.visible_to(user)
        .filter(Q(product=OuterRef("pk")) | served, last_outcome__in=FAILING)
        .order_by()
    )
    reading = (
        Product.objects.visible_to(user)
        .filter(ports__direction="in", ports__upstream=OuterRef("pk"))
        .exclude(pk=OuterRef("pk"))
        .order_by()
    )
    found: dict[str, Exists | Subquery] = {
        "with_failing": Subquery(failing.annotate(n=_Distinct(F("pk"))).values("n")),
        "with_downstream": Subquery(reading.annotate(n=_Distinct(F("pk"))).values("n")),
        "with_downstream_teams": Subquery(reading.annotate(n=_Distinct(F("team"))).values("n")),
    }
    found["with_failed_somewhere"], found["with_stale_somewhere"] = anything_ill()
    if isinstance(user, User):
        found |= _own(user)
    return found


def _own(user: User) -> dict[str, Exists | Subquery]:
    teams = Membership.objects.filter(user=user).values("team")
    grants = Grant.objects.current().filter(
        Q(user=user) | Q(team__in=teams), port__product=OuterRef("pk")
    )
    asked = AccessRequest.objects.filter(
        Q(requester=user) | Q(grantee_team__in=teams), port__product=OuterRef("pk"), state="open"
    )
    return {
        "with_followed": Exists(Follow.objects.filter(user=user, product=OuterRef("pk"))),
        "with_granted": Exists(grants),
        "with_until": Subquery(grants.order_by("-ends_on").values("ends_on")[:1]),
        "with_asked": Exists(asked),
        "with_mine": Exists(Membership.objects.filter(user=user, team=OuterRef("team"))),
    }


def _access(user: Viewer, product: Product) -> Access:
    if not isinstance(user, User):
        return Access("anonymous")
    if _extra(product, "granted"):
        return Access("granted", _extra(product, "until"))
    if _extra(product, "mine"):
        return Access("mine")
    return Access("waiting" if _extra(product, "asked") else "none")


def _opens(user: Viewer, action: Action, product: Product, access: Access) -> bool:
    """Answer as `may` does, with the grant that was read with the product."""
    if not product.is_gated or access.state == "granted":
        return True
    return bool(stands(user, product) & TABLE[action])


def _ports(product: Product) -> list[Port]:
    late = Objective.objects.filter(
        product=OuterRef("upstream"), indicator=Indicator.FRESHNESS, is_kept=False
    )
    addresses = PortDataset.objects.select_related("dataset").order_by("name")
    return list(
        product.ports.select_related("upstream__domain")
        .annotate(with_late=Exists(late))
        .prefetch_related(Prefetch("addresses", queryset=addresses))
        .order_by("direction", "name", "-major")
    )


def _input(port: Port, is_visible: Callable[[str], bool]) -> Input:
    upstream = port.upstream
    if upstream is None or not is_visible(upstream.audience):
        return Input(port, None, False)
    return Input(port, upstream, bool(port.__dict__.get("with_late")))


def _people(product: Product) -> tuple[Membership, ...]:
    team = product.team_id or product.domain.team_id
    if team is None:
        return ()
    order = {Role.OWNER: 0, Role.STEWARD: 1, Role.ENGINEER: 2, Role.MEMBER: 3}
    rows = Membership.objects.filter(team=team, user__is_active=True).select_related("user")
    return tuple(sorted(rows[:50], key=lambda m: (order[Role(m.role)], str(m.user))))
