"""What happens to the names of a team or domain, and who should hear of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from catalog.access.consumers import ACTING, members_of
from catalog.models import Domain, DomainSteward, Event, Team
from catalog.models.namespaces import ClaimOrigin


@dataclass(frozen=True, slots=True)
class NamespaceNotice:
    """What to tell one person of an event."""

    event: Event
    text: str
    user: int

    @property
    def url(self) -> str:
        """The page of the claim; of one that ended, the list."""
        is_gone = self.event.type == "namespace.released"
        return "/namespaces" if is_gone else f"/namespaces/{self.event.subject_id}"


def notices_of(events: Sequence[Event]) -> list[NamespaceNotice]:
    """Return who is told what of grants, moves, disputes and releases: four queries for any number.

    The owner's engineers, stewards and owners, and the stewards of its domain and of those above it hear of it.
    """
    words = [
        (event, text)
        for event in events
        if (make := _WORDS.get(event.type)) and (text := make(event))
    ]
    if not words:
        return []
    people = _Owners(event for event, _ in words)
    return [
        NamespaceNotice(event, text, user)
        for event, text in words
        for user in sorted(people.of(event))
        if user != event.actor_id
    ]


class _Owners:
    """Who speaks for the teams and domains that some events name."""

    def __init__(self, events: Iterable[Event]) -> None:
        data = [event.data for event in events]
        teams = Team.objects.filter(key__in={str(one.get("team")) for one in data})
        self._teams = {team.key: team for team in teams.select_related("domain")}
        domains = Domain.objects.filter(key__in={str(one.get("domain")) for one in data})
        self._domains = {domain.key: domain for domain in domains}
        leads = (domain.team_id for domain in self._domains.values())
        self._members = members_of([*(team.pk for team in self._teams.values()), *leads], ACTING)
        self._stewards = list(DomainSteward.objects.values_list("user_id", "domain__path"))

    def of(self, event: Event) -> set[int]:
        """Return who is told of an event."""
        team = self._teams.get(str(event.data.get("team")))
        domain = self._domains.get(str(event.data.get("domain"))) or (team.domain if team else None)
        owner = team.pk if team else domain.team_id if domain else None
        return self._members.get(owner or 0, set()) | set(self._above(domain))

    def _above(self, domain: Domain | None) -> Iterator[int]:
        path = domain.path if domain else ""
        yield from (user for user, top in self._stewards if path.startswith(top))


def _claimed(event: Event) -> str:
    if event.data.get("origin") != ClaimOrigin.GRANTED:
        return ""  # the first harvest of an own source is no news
    return f"{event.actor_name} granted you the names {event.subject_key}."


def _moved(event: Event) -> str:
    return f"{event.actor_name} gave you the names {event.subject_key}."


def _disputed(event: Event) -> str:
    return f"{event.actor_name} disputes who owns {event.subject_key}: {event.data.get('word', '')}"


def _kept(event: Event) -> str:
    return f"{event.actor_name} ended the dispute about {event.subject_key}: its owner stays."


def _released(event: Event) -> str:
    return f"{event.actor_name} ended your claim on {event.subject_key}."


_WORDS: Mapping[str, Callable[[Event], str]] = {
    "namespace.claimed": _claimed,
    "namespace.moved": _moved,
    "namespace.disputed": _disputed,
    "namespace.kept": _kept,
    "namespace.released": _released,
}
