"""What the sender may speak for, looked up for a batch at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import F, Q, QuerySet

from catalog.models import Dataset, Domain, Product, Team, User
from catalog.people import policies
from catalog.people.policies import Action
from catalog.push.forms import WrongFields, address_fields
from catalog.registry.outcomes import Problem
from catalog.registry.preload import datasets_at

Address = tuple[str, str]  # namespace, name
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Teams:
    """The teams the sender may know of, those the sender publishes for, and the domains the sender may see."""

    by_name: dict[str, Team]
    allowed: frozenset[int] | None
    domains: frozenset[str]

    @classmethod
    def of(cls, by: User) -> Teams:
        """Read them: three queries at most."""
        rows = list(Team.objects.visible_to(by).select_related("domain"))
        named = {team.name.lower(): team for team in rows} | {team.key: team for team in rows}
        domains = Domain.objects.visible_to(by).values_list("key", flat=True)
        allowed = policies.teams_where(by, Action.PUBLISH_PRODUCT)
        return cls(named, allowed, frozenset(domains))

    def owner(self, said: object) -> Team:
        """Return the team a name or key means, for which the sender may publish. Raises WrongFields."""
        if not isinstance(said, str) or not said:
            raise WrongFields([Problem("owner", None, f"is required; yours: {self._yours()}")])
        team = self.by_name.get(said) or self.by_name.get(said.lower())
        if team is None:
            message = f"no team has this name or key; yours: {self._yours()}"
            raise WrongFields([Problem("owner", said, message)])
        if self.allowed is not None and team.pk not in self.allowed:
            raise WrongFields([Problem("owner", said, not_yours(team.name))])
        return team

    def domain(self, key: str, path: str) -> str:
        """Return the key of a domain the sender may see. Raises WrongFields."""
        if key in self.domains:
            return key
        names = ", ".join(sorted(self.domains)[:_SHOWN]) or "none"
        raise WrongFields([Problem(path, key, f"there is no such domain; there are {names}")])

    def product(self, readable: object, team: Team) -> dict[str, str]:
        """Return the fields a stated address stands for. Raises WrongFields."""
        path = "readableDataProductKey"
        text = readable if isinstance(readable, str) else ""
        try:
            fields = address_fields(text, team.domain.key if team.domain else "")
        except ValueError as error:
            raise WrongFields([Problem(path, text or None, str(error))]) from error
        self.domain(fields["domain"], path)
        return fields

    def _yours(self) -> str:
        own = {
            team.key
            for team in self.by_name.values()
            if self.allowed is None or team.pk in self.allowed
        }
        return ", ".join(sorted(own)[:_SHOWN]) or "none"


def not_yours(team: str = "the owning team") -> str:
    """Say who has to send it."""
    return f"a token of an owner or engineer of {team}, or of an admin, is needed"


@dataclass(slots=True)
class Products:
    """The products of a batch that are there already, and which of them the sender may publish."""

    by_ref: dict[str, int] = field(default_factory=dict)
    by_guid: dict[str, int] = field(default_factory=dict)
    mine: frozenset[int] = frozenset()

    @classmethod
    def find(cls, refs: Collection[str], guids: Collection[str], by: User) -> Products:
        """Look products up by `domain/key` and by GUID: two queries."""
        keys = {ref.partition("/")[2] for ref in refs}
        wanted = Q(key__among=keys) | Q(guid__among=set(guids)) if guids else Q(key__among=keys)
        rows = Product.objects.filter(wanted).order_by()
        found = cls()
        for pk, guid, domain, key in rows.values_list("pk", "guid", "domain__key", "key"):
            found.by_ref[f"{domain}/{key}"] = pk
            found.by_guid[guid] = pk
        if found.by_ref:
            there = Product.objects.filter(pk__among=found.by_ref.values()).order_by()
            own = policies.where(there, by, Action.PUBLISH_PRODUCT)
            found.mine = frozenset(own.values_list("pk", flat=True))
        return found

    def are_mine(self, ref: str, guid: str | None) -> bool:
        """Tell whether what has this address or GUID, if anything has, is the sender's."""
        held = {self.by_ref.get(ref), self.by_guid.get(guid or "")} - {None}
        return held <= self.mine


def editable(rows: QuerySet[Dataset], by: User) -> QuerySet[Dataset]:
    """Keep the datasets a sender may describe: their own, those their products serve, those of nobody."""
    own = policies.where(rows, by, Action.EDIT_DATASET).values("pk")
    products = policies.where(Product.objects.order_by(), by, Action.EDIT_PRODUCT).values("pk")
    served = Q(product__in=products, product__domain=F("domain"), team=None)
    nobody = Q(team=None, domain=None, product=None)
    return rows.filter(Q(pk__in=own) | served | nobody)


def find_datasets(addresses: Iterable[Address], by: User) -> dict[Address, bool]:
    """Return the datasets that are there, and whether the sender may describe each: two queries."""
    wanted = set(addresses)
    found = datasets_at(wanted)
    there = Dataset.objects.filter(pk__among=found.values()).order_by()
    own = set(editable(there, by).values_list("pk", flat=True)) if found else set()
    return {address: pk in own for address, pk in found.items()}
