"""The first steps of an empty installation, until each is done or skipped."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from catalog.models import Domain, Invitation, Product, Team, User
from catalog.people import policies
from catalog.people.policies import Action
from ingestors.models import Source
from portal.models import Installation


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: a verb, what it brings, where, and how long it takes."""

    key: str
    title: str
    why: str
    url: str
    time: str
    is_done: bool
    is_skipped: bool

    @property
    def is_open(self) -> bool:
        """Whether it still waits."""
        return not (self.is_done or self.is_skipped)


#: Key, verb, what it brings, the page, the usual time.
STEPS = (
    ("name", "Name the installation", "It stands above the search.", "", "10 seconds"),
    (
        "domain",
        "Make the first domain",
        "A business area, as Sales or Claims.",
        "new-domain",
        "1 minute",
    ),
    ("team", "Make its first team", "Teams own products.", "new-team", "1 minute"),
    (
        "people",
        "Invite the first colleague",
        "By a link, into a team.",
        "invitations",
        "1 minute",
    ),
    (
        "source",
        "Connect the first source",
        "Datasets come from where the data is.",
        "new-source",
        "5 minutes",
    ),
    (
        "product",
        "Make the first product",
        "What others find, judge and use. It needs a team.",
        "new-product",
        "5 minutes",
    ),
)
KEYS = frozenset(key for key, *_ in STEPS)


def installation() -> Installation:
    """Return what is said of the installation, which may be nothing yet."""
    return Installation.objects.filter(pk=1).first() or Installation(pk=1)


def first_steps(user: User | AnonymousUser, said: Installation) -> list[Step]:
    """Return the steps, for platform admins, while one besides the name is open; else nothing."""
    if said.first_steps_ended_at or not policies.may(user, Action.ADMINISTER):
        return []
    done = {
        "name": bool(said.name),
        "domain": Domain.objects.exists(),
        "team": Team.objects.exists(),
        "people": User.objects.count() > 1 or Invitation.objects.exists(),
        "source": Source.objects.exists(),
        "product": Product.objects.exists(),
    }
    closed = {"name"} if done["team"] else {"name", "product"}
    steps = [
        Step(
            key,
            title,
            why,
            "" if key in closed else reverse(page),
            time,
            done[key],
            key in said.skipped,
        )
        for key, title, why, page, time in STEPS
    ]
    return steps if any(step.is_open for step in steps if step.key != "name") else []
