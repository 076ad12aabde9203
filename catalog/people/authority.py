"""Who speaks when something is written: a person, a source in the name of its team, or the system itself.

Every write to the registry takes an `Authority`; there is no default. It answers, without a query per
subject, whether whoever speaks may do an `Action` of `policies` to what a team owns in a domain.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, NamedTuple, Protocol, Self

from catalog.models import Domain, Team, User
from catalog.people.namespaces import Domains, NameRights
from catalog.people.policies import Action, may_towards
from catalog.people.viewers import read_tokens
from catalog.visibility import PUBLIC, SIGNED_IN, domain_token, team_token

#: What of the program itself may write without anybody's rights, and why.
SYSTEM_CALLERS = {
    "demo": "sets up the mesh of the demo",
    "namespaces": "gives datasets to the owner of their namespace, after the claim was judged",
    "import": "takes a folder of layers by command, on the server itself",
    "benchmarks": "measures with a catalog of its own",
    "tests": "makes what tests work on",
}


class Owner(NamedTuple):
    """Whose something is: the owning team (its own, else its domain's) and the domain; nobody's without both."""

    team: int | None
    domain: int | None

    @property
    def is_nobody(self) -> bool:
        """Whether no team and no domain owns it."""
        return self.team is None and self.domain is None


class Authority(Protocol):
    """Whoever speaks."""

    @property
    def is_unlimited(self) -> bool:
        """Whether nothing has to be asked."""
        ...

    @property
    def names(self) -> NameRights:
        """Of whose names of datasets and jobs it may speak."""
        ...

    @property
    def kept_for(self) -> str:
        """Whom new datasets are kept for, the token of an audience, while nobody owns them; empty: for everybody."""
        ...

    def may(self, action: Action, owner: Owner) -> bool:
        """Tell whether something may be done to what this owner has."""
        ...

    def may_hand_to(self, action: Action, owner: Owner) -> bool:
        """Tell whether a new or moved subject may come to this owner."""
        ...

    def sees(self, audience: str) -> bool:
        """Tell whether what has this audience may be known at all."""
        ...

    def continues(self, source: str) -> bool:
        """Tell whether a subject may be described for the sole reason that this source described it before."""
        ...


@dataclass(frozen=True)
class PersonAuthority:
    """A person with the rights that they have now."""

    user: User
    kept_for: str = ""

    @property
    def is_unlimited(self) -> bool:
        """Nobody is: not even admins certify what is not there."""
        return False

    @cached_property
    def names(self) -> NameRights:
        """Read whose names are the person's, once."""
        return NameRights.of_person(self.user)

    def may(self, action: Action, owner: Owner) -> bool:
        """Ask the policies; what is nobody's may be described by everybody with an account."""
        if owner.is_nobody and action is Action.EDIT_DATASET:
            return self.user.is_active
        return may_towards(self.user, action, team=owner.team, domain=owner.domain)

    def may_hand_to(self, action: Action, owner: Owner) -> bool:
        """A person hands things only to those for whom they may act."""
        return self.may(action, owner)

    def sees(self, audience: str) -> bool:
        """Ask for the tokens of the person, read once a request."""
        tokens = read_tokens(self.user)
        return tokens is None or audience in tokens

    def continues(self, source: str) -> bool:
        """A person's rights count as they are now, whatever they did before."""
        return False


@dataclass(frozen=True, slots=True)
class SourceAuthority:
    """A configured source: it speaks with the rights of its team in its domain, never with the server's.

    A source without a team, or with the team that leads its domain, speaks for the whole domain. `name`
    is that of its layers.
    """

    name: str
    domain: int
    team: int | None
    leads_domain: bool
    names: NameRights
    kept_for: ClassVar[str] = ""

    @classmethod
    def of(cls, name: str, team: Team | None, domain: Domain) -> Self:
        """Give a source of a team, or of a whole domain, what it speaks with: one query."""
        own = team.pk if team else None
        names = Domains.load().rights_of(own, domain.pk, team.domain_id if team else None)
        leads = own is None or own == domain.team_id
        return cls(name, domain.pk, own or domain.team_id, leads, names)

    @property
    def is_unlimited(self) -> bool:
        """A source speaks for its team and domain only."""
        return False

    def may(self, action: Action, owner: Owner) -> bool:
        """A source describes, publishes and creates; it neither certifies nor overrules anybody."""
        if action in (Action.CERTIFY, Action.OVERRULE_STEWARD):
            return False
        if owner.is_nobody:
            return action is Action.EDIT_DATASET
        if self.leads_domain and owner.domain == self.domain:
            return True
        return owner.team is not None and owner.team == self.team

    def may_hand_to(self, action: Action, owner: Owner) -> bool:
        """A source names the owners of what its store holds, within the domain it is configured for."""
        return owner.domain == self.domain or self.may(action, owner)

    def sees(self, audience: str) -> bool:
        """It knows what its team and domain know."""
        own = {PUBLIC, SIGNED_IN, domain_token(self.domain)}
        return audience in own or (self.team is not None and audience == team_token(self.team))

    def continues(self, source: str) -> bool:
        """A source goes on describing what it described first."""
        return source == self.name


@dataclass(frozen=True, slots=True)
class SystemAuthority:
    """The program itself; made by `system` for the callers named above."""

    caller: str
    kept_for: ClassVar[str] = ""

    @property
    def is_unlimited(self) -> bool:
        """Nothing is asked."""
        return True

    @property
    def names(self) -> NameRights:
        """Every name."""
        return NameRights.every()

    def may(self, action: Action, owner: Owner) -> bool:
        """Everything."""
        return True

    def may_hand_to(self, action: Action, owner: Owner) -> bool:
        """Everything."""
        return True

    def sees(self, audience: str) -> bool:
        """Everything."""
        return True

    def continues(self, source: str) -> bool:
        """Everything."""
        return True


def system(caller: str) -> SystemAuthority:
    """Return the authority of a part of the program. Raises ValueError for one that is not named here."""
    if caller not in SYSTEM_CALLERS:
        raise ValueError(f"{caller!r} may not speak as the system; allowed: {list(SYSTEM_CALLERS)}")
    return SystemAuthority(caller)
