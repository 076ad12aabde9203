"""Whose names are whose: which datasets and jobs somebody may speak of, told for many at once.

A name belongs to the owner of the longest claim that covers it. A dataset that has a team or domain of its own is
spoken of by its own people, too. What nobody owns is *unclaimed*: anybody may name it, and it is kept apart.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Self

from catalog.models import Dataset, Domain, NamespaceClaim, User
from catalog.people import policies
from catalog.people.policies import Action
from catalog.visibility import person_token, team_token

Address = tuple[str, str]  # namespace, name
Standing = Literal["own", "unclaimed", "foreign"]
#: Shown to whoever may not know the owner.
NO_NAME = "belongs to another owner; a steward or a platform admin can grant it to your team"


@dataclass(frozen=True, slots=True)
class NameRights:
    """Whose names somebody may speak of: those of which teams and domains.

    `teams` None: of every team, as platform admins and the installation itself. `homes` are the domains
    of the teams and all above them: what belongs to a domain is shared by its teams. `token` is the audience
    of what is kept apart for whoever has the rights, empty where nothing is.
    """

    teams: frozenset[int] | None
    domains: frozenset[int] = frozenset()
    homes: frozenset[int] = frozenset()
    token: str = ""

    @classmethod
    def every(cls) -> Self:
        """Return the rights to every name: those of the installation itself."""
        return cls(None)

    @classmethod
    def of_person(cls, user: User) -> Self:
        """Read the rights that a person's roles give."""
        teams = policies.teams_where(user, Action.EDIT_DATASET)
        domains = policies.domains_where(user, Action.EDIT_DATASET)
        if teams is None or domains is None:
            return cls.every()
        rows = user.memberships.filter(team__in=teams).order_by("team")
        own = list(rows.values_list("team_id", "team__domain__path"))
        keys = {key for _, path in own if path for key in path.split("/")}
        homes = Domain.objects.filter(key__in=keys).values_list("pk", flat=True) if keys else ()
        token = team_token(own[0][0]) if len(own) == 1 else person_token(user.pk)
        return cls(teams, domains, frozenset(homes), token)

    @property
    def is_unlimited(self) -> bool:
        """Whether every name may be spoken of."""
        return self.teams is None

    def includes(self, team: int | None, domain: int | None) -> bool:
        """Tell whether those of a team, or of the stewards of a domain, are among them."""
        return self.teams is None or team in self.teams or domain in self.domains

    def owns(self, claim: NamespaceClaim) -> bool:
        """Tell whether a claim belongs to whoever has them."""
        if self.includes(claim.team_id, claim.domain_id):
            return True
        return claim.team_id is None and claim.domain_id in self.homes


@dataclass(frozen=True, slots=True)
class Domains:
    """Every domain: its path, and the team that leads it."""

    known: Mapping[int, tuple[str, int | None]]

    @classmethod
    def load(cls) -> Self:
        """Read them: one query."""
        return cls.of(Domain.objects.order_by())

    @classmethod
    def of(cls, rows: Iterable[Domain]) -> Self:
        """Take the domains that were read already."""
        return cls({row.pk: (row.path, row.team_id) for row in rows})

    def rights_of(
        self, team: int | None, domain: int | None, home: int | None = None
    ) -> NameRights:
        """Return the rights of what a team (at `home`) or a domain has: a source, a product.

        A domain without a team is in the hands of its stewards, who speak for all that is in it.
        """
        leads = team if team is not None else self._team(domain)
        homes = self._above(home) | self._above(domain)
        if leads is not None:
            return NameRights(frozenset({leads}), homes=homes, token=team_token(leads))
        return NameRights(frozenset(), self._below(domain), homes)

    def _team(self, domain: int | None) -> int | None:
        return self.known[domain][1] if domain is not None else None

    def _above(self, domain: int | None) -> frozenset[int]:
        if domain is None:
            return frozenset()
        path = self.known[domain][0]
        return frozenset(pk for pk, (top, _) in self.known.items() if path.startswith(top))

    def _below(self, domain: int | None) -> frozenset[int]:
        if domain is None:
            return frozenset()
        top = self.known[domain][0]
        return frozenset(pk for pk, (path, _) in self.known.items() if path.startswith(top))


@dataclass(frozen=True, slots=True)
class Ownership:
    """Whose a name is, and how somebody stands to it."""

    standing: Standing
    claim: NamespaceClaim | None = None
    dataset: int | None = None
    kept_for: str = ""

    @property
    def is_unclaimed(self) -> bool:
        """Whether no claim covers the name."""
        return self.claim is None


@dataclass(slots=True)
class Claims:
    """The claims on some namespaces: the longest prefix counts."""

    by_namespace: dict[str, dict[str, NamespaceClaim]] = field(default_factory=dict)
    lengths: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def load(cls, namespaces: Iterable[str]) -> Self:
        """Read them: one query."""
        found = cls()
        rows = NamespaceClaim.objects.filter(namespace__among=set(namespaces))
        for claim in rows.select_related("team", "domain").order_by():
            found.by_namespace.setdefault(claim.namespace, {})[claim.prefix] = claim
        for namespace, known in found.by_namespace.items():
            found.lengths[namespace] = sorted({len(prefix) for prefix in known}, reverse=True)
        return found

    def find(self, address: Address) -> NamespaceClaim | None:
        """Return the claim on a name."""
        namespace, name = address
        known = self.by_namespace.get(namespace, {})
        cuts = (name[:length] for length in self.lengths.get(namespace, ()))
        return next((known[cut] for cut in cuts if cut in known), None)


@dataclass(frozen=True, slots=True)
class Described:
    """A dataset that is there, as far as it matters whose it is."""

    pk: int
    team: int | None
    domain: int | None
    domain_team: int | None
    kept_for: str = ""
    #: The product that serves it.
    product_domain: int | None = None
    product_team: int | None = None
    product_domain_team: int | None = None

    @property
    def has_owner(self) -> bool:
        """Whether it has a team or domain of its own."""
        return self.team is not None or self.domain is not None

    def is_of(self, rights: NameRights) -> bool:
        """Tell whether it, or the product that serves it in its domain, is theirs who have these rights."""
        if rights.includes(self.team or self.domain_team, self.domain):
            return True
        is_home = self.team is None and self.product_domain == self.domain
        return is_home and rights.includes(
            self.product_team or self.product_domain_team, self.product_domain
        )


def tell(
    addresses: Collection[Address],
    rights: NameRights,
    rows: Mapping[Address, Described] | None = None,
) -> dict[Address, Ownership]:
    """Tell whose datasets (and names) are, and which somebody with these rights may describe.

    One query for any number where the `rows` of those that are there are known, else two.
    """
    if not addresses:
        return {}
    claims = Claims.load(namespace for namespace, _ in addresses)
    there = described(addresses) if rows is None else rows
    return {one: stand(claims.find(one), there.get(one), rights) for one in addresses}


def described(addresses: Collection[Address]) -> dict[Address, Described]:
    """Read the datasets that are there: one query."""
    if not addresses:
        return {}
    rows = Dataset.objects.filter(
        namespace__among={namespace for namespace, _ in addresses},
        name__among={name for _, name in addresses},
    ).order_by()
    owner = ("pk", "team_id", "domain_id", "domain__team_id", "kept_for")
    product = ("product__domain_id", "product__team_id", "product__domain__team_id")
    fields = ("namespace", "name", *owner, *product)
    return {(space, name): Described(*rest) for space, name, *rest in rows.values_list(*fields)}


def stand(claim: NamespaceClaim | None, row: Described | None, rights: NameRights) -> Ownership:
    """Tell whose one name is."""
    pk, kept_for = (row.pk, row.kept_for) if row else (None, "")
    if claim is not None and rights.owns(claim):
        return Ownership("own", claim, pk, kept_for)
    if row is not None and row.has_owner:
        return Ownership("own" if row.is_of(rights) else "foreign", claim, pk, kept_for)
    return Ownership("foreign" if claim else "unclaimed", claim, pk, kept_for)


def explain(found: Mapping[Address, Ownership], viewer: User | None = None) -> dict[Address, str]:
    """Say of names that belong to others whose they are and whom to ask, as far as the viewer may know."""
    foreign = {
        one: ownership for one, ownership in found.items() if ownership.standing == "foreign"
    }
    claims = {ownership.claim.pk for ownership in foreign.values() if ownership.claim}
    seen: set[int] = set()
    if claims and viewer is not None:
        rows = NamespaceClaim.objects.visible_to(viewer).filter(pk__in=claims)
        seen = set(rows.values_list("pk", flat=True))
    return {
        one: _whom_to_ask(ownership.claim)
        if ownership.claim and ownership.claim.pk in seen
        else NO_NAME
        for one, ownership in foreign.items()
    }


def _whom_to_ask(claim: NamespaceClaim) -> str:
    owner = claim.team or claim.domain
    stewards = f"a steward of {claim.domain}" if claim.domain else "a platform admin"
    return f"belongs to {owner}; ask them for it, or {stewards} to grant it"
