"""Claims on namespaces: made by harvests, granted, moved, disputed and given up by people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from catalog.events import log as event_log
from catalog.events.log import NewEvent
from catalog.models import ClaimOrigin, Domain, NamespaceClaim, Team, User
from catalog.people import policies
from catalog.people.authority import SourceAuthority
from catalog.people.namespaces import Address, Claims
from catalog.people.policies import Action
from catalog.registry.take_over import owners_under, take_over
from catalog.signals import namespace_taken
from catalog.visibility import SIGNED_IN, audience_of, narrower, team_token

LONGEST_NOTE, LONGEST_DISPUTE = 500, 1000


class ClaimRefused(ValueError):
    """A claim cannot be made or changed so; `field` names what is wrong."""

    def __init__(self, field: str, value: object, message: str) -> None:
        self.field, self.value, self.message = field, value, message
        super().__init__(f"{field}: {message}")


class AlreadyClaimed(ClaimRefused):
    """Somebody owns these very names."""


@dataclass(frozen=True, slots=True)
class NewOwner:
    """A team, or a domain with all its teams."""

    team: Team | None
    domain: Domain | None

    @classmethod
    def of(cls, team: Team | None, domain: Domain | None) -> NewOwner:
        """Name one of the two; a team brings its domain. Raises ClaimRefused."""
        if team is None and domain is None:
            raise ClaimRefused("team", None, "name the team or the domain that owns it")
        return cls(team, (domain or team.domain) if team else domain)


@dataclass(frozen=True, slots=True)
class Harvester:
    """The source that claims what it found, and whose it is."""

    source: str
    team: Team | None
    domain: Domain
    #: The namespace is what its configuration says, not what the store is called.
    is_named: bool = False

    def authority(self) -> SourceAuthority:
        """Read what it speaks with: one query."""
        return SourceAuthority.of(self.source, self.team, self.domain)


def claim_found(found: Mapping[Address, bool], by: Harvester, *, at: datetime) -> None:
    """Claim the names that a source read from its store and nobody owns; the values say which are paths.

    Of what is new in a namespace it takes the names up to the last common separator. A store that answers under
    its own name wins over a source whose configuration merely named it so.
    """
    with transaction.atomic():
        event_log.lock()
        claims = Claims.load({namespace for namespace, _ in found})
        own = by.authority().names
        free: dict[str, list[str]] = defaultdict(list)
        weak: dict[int, NamespaceClaim] = {}
        for address in found:
            claim = claims.find(address)
            if claim is None:
                free[address[0]].append(address[1])
            elif claim.origin == ClaimOrigin.NAMED and not by.is_named and not own.owns(claim):
                weak[claim.pk] = claim
        names: dict[str, list[str]] = defaultdict(list)
        for namespace, name in found:
            names[namespace].append(name)
        for namespace, fresh in free.items():
            are_paths = any(found[namespace, name] for name in fresh)
            claim = _new(namespace, common_head(fresh, are_paths), by, at)
            claim.save()
            _settle(claim, None, "namespace.claimed", None, at, names[namespace])
        for claim in weak.values():
            before = _audience(claim)
            _assign(claim, by, at)
            _settle(claim, None, "namespace.moved", before, at, names[claim.namespace])


def common_head(names: Iterable[str], are_paths: bool) -> str:
    """Return how names begin, up to the last separator they share; empty where they share none."""
    known = list(names)
    first, last = min(known), max(known)  # what these two share, all between them share
    same = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), None)
    head = first[:same]
    return head[: head.rfind("/" if are_paths else ".") + 1]


def grant_namespace(
    namespace: str, prefix: str, owner: NewOwner, *, by: User, note: str = ""
) -> NamespaceClaim:
    """Give names that nobody owns to a team or domain. Raises PermissionDenied and ClaimRefused."""
    if not namespace.strip() or "\0" in namespace + prefix:
        raise ClaimRefused("namespace", namespace, "name a namespace, as postgres://host:5432")
    claim = NamespaceClaim(
        namespace=namespace,
        prefix=prefix,
        team=owner.team,
        domain=owner.domain,
        origin=ClaimOrigin.GRANTED,
        by=by,
        note=note[:LONGEST_NOTE],
    )
    _allow(claim, by)
    with transaction.atomic():
        event_log.lock()
        there = NamespaceClaim.objects.filter(namespace=namespace, prefix=prefix).first()
        if there is not None:
            raise AlreadyClaimed("prefix", prefix, "somebody owns these names; move their claim")
        covering = Claims.load([namespace]).find((namespace, prefix))
        if covering is not None:
            _allow(covering, by)
        else:
            _leave_others_theirs(claim, by)
        claim.save()
        _settle(claim, by, "namespace.claimed", _audience(covering) if covering else None)
    return claim


def move_namespace(claim: NamespaceClaim, owner: NewOwner, *, by: User, note: str = "") -> None:
    """Give names to another owner; it ends a dispute. Stewards need both domains in hand."""
    with _held(claim):
        _allow(claim, by)
        before = _audience(claim)
        claim.team, claim.domain = owner.team, owner.domain
        _allow(claim, by)
        claim.origin, claim.source, claim.by = ClaimOrigin.GRANTED, "", by
        claim.since, claim.note = timezone.now(), note[:LONGEST_NOTE]
        _store(claim)
        _settle(claim, by, "namespace.moved", before)


def release_namespace(claim: NamespaceClaim, *, by: User) -> None:
    """End a claim: the names are nobody's, or of the wider claim. What is there stays as it is."""
    with _held(claim):
        _allow(claim, by)
        event_log.record([_event("namespace.released", claim, by)])
        claim.delete()


def dispute_namespace(claim: NamespaceClaim, *, by: User, word: str) -> None:
    """Say to the owner and the stewards what speaks against a claim; one dispute at a time."""
    if not word.strip():
        raise ClaimRefused("word", word, "say what speaks against it")
    if len(word) > LONGEST_DISPUTE:
        raise ClaimRefused("word", word, f"at most {LONGEST_DISPUTE} characters are allowed")
    with _held(claim):
        if claim.disputed_at is not None:
            raise ClaimRefused("word", word, "it is disputed already; a steward decides")
        claim.disputed_at, claim.disputed_by, claim.dispute = timezone.now(), by, word.strip()
        _store(claim, ends_dispute=False)
        event_log.record([_event("namespace.disputed", claim, by, word=claim.dispute)])


def keep_namespace(claim: NamespaceClaim, *, by: User) -> None:
    """End a dispute: the owner stays. Who disputed may take it back, too."""
    with _held(claim):
        if claim.disputed_at is None:
            return
        if by.pk != claim.disputed_by_id:
            _allow(claim, by)
        _store(claim)
        event_log.record([_event("namespace.kept", claim, by)])


@contextmanager
def _held(claim: NamespaceClaim) -> Iterator[None]:
    """Hold a claim as it stands now, whatever was read of it before. Raises ClaimRefused for one that is gone."""
    with transaction.atomic():
        event_log.lock()
        try:
            claim.refresh_from_db()
        except NamespaceClaim.DoesNotExist as error:
            raise ClaimRefused("claim", str(claim), "has ended meanwhile") from error
        yield


def _leave_others_theirs(claim: NamespaceClaim, by: User) -> None:
    """Refuse to grant names under which there are datasets whose owner the granter may not decide for."""
    for owner in owners_under(claim):
        if not policies.may_towards(
            by, Action.GRANT_NAMESPACE, team=owner.team, domain=owner.domain
        ):
            message = "others have datasets under these names; name a longer beginning, or ask a platform admin"
            raise ClaimRefused("prefix", claim.prefix, message)


def _allow(claim: NamespaceClaim, by: User) -> None:
    if not policies.may(by, Action.GRANT_NAMESPACE, claim):
        where = f"stewards of {claim.domain} and" if claim.domain else "platform"
        raise PermissionDenied(f"Only {where} admins decide whose these names are.")


def _new(namespace: str, prefix: str, by: Harvester, at: datetime) -> NamespaceClaim:
    claim = NamespaceClaim(namespace=namespace, prefix=prefix, since=at)
    _assign(claim, by, at)
    return claim


def _assign(claim: NamespaceClaim, by: Harvester, at: datetime) -> None:
    claim.team, claim.domain, claim.source = by.team, by.domain, by.source
    claim.origin = ClaimOrigin.NAMED if by.is_named else ClaimOrigin.HARVESTED
    claim.since, claim.by, claim.note = at, None, ""
    if claim.pk:
        _store(claim)


def _store(claim: NamespaceClaim, *, ends_dispute: bool = True) -> None:
    if ends_dispute:
        claim.disputed_at, claim.disputed_by, claim.dispute = None, None, ""
    claim.revision += 1
    claim.save()


def _settle(
    claim: NamespaceClaim,
    by: User | None,
    verb: str,
    before: str | None,
    at: datetime | None = None,
    harvested: Iterable[str] = (),
) -> None:
    """Let datasets and jobs follow a new owner, and say so; `before`: who could see the old one."""
    take_over(claim, at=at or timezone.now(), harvested=frozenset(harvested))
    namespace_taken.send(NamespaceClaim, claim=claim, token=_token(claim))
    event_log.record([_event(verb, claim, by, before=before)])


def _token(claim: NamespaceClaim) -> str:
    """Return the audience of what was kept apart and is the owner's now."""
    if claim.team_id is not None:
        return team_token(claim.team_id)
    assert claim.domain is not None
    return audience_of("domain", domain_id=claim.domain.pk, team_id=None)


def _audience(claim: NamespaceClaim) -> str:
    own = claim.domain.audience if claim.domain else SIGNED_IN
    home = claim.team.domain if claim.team else None
    return narrower(own, home.audience) if home else own


def _event(
    verb: str, claim: NamespaceClaim, by: User | None, *, before: str | None = None, word: str = ""
) -> NewEvent:
    audience = narrower(_audience(claim), SIGNED_IN)
    data: dict[str, object] = {
        "namespace": claim.namespace,
        "prefix": claim.prefix,
        "team": claim.team.key if claim.team else None,
        "domain": claim.domain.key if claim.domain else None,
        "origin": claim.origin,
    }
    return NewEvent(
        type=verb,
        actor=by,
        actor_name="" if by else claim.source,
        subject_kind="namespace",
        subject_key=str(claim)[:1000],
        subject_id=claim.pk,
        audience=narrower(audience, before) if before else audience,
        data=data | ({"word": word} if word else {}),
    )
