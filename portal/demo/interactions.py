"""What people of the demo did by hand: edits, follows, requests for access and their decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.access.grants import expire_due, notice_due, revoke
from catalog.access.requests import decide, request_access, withdraw
from catalog.models import Dataset, Grant, Port, Product, Team, User
from catalog.outbound.follows import follow
from catalog.registry.edit import edit


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: when (days of the story), who, what for, and what became of it."""

    day: int
    who: str
    product: str
    purpose: str
    team: str = ""
    lasts: int | None = 365
    decided_by: str = ""
    decided_after: float = 1
    approve: bool = True
    comment: str = ""
    withdrawn_after: float | None = None
    revoked_after: float | None = None
    revoked_because: str = ""


ASKS: tuple[Ask, ...] = (
    Ask(
        1,
        "elif",
        "claims/claim-cost",
        "Yearly review of the motor tariff: frequency and cost by line.",
        team="pricing",
        decided_by="ana",
        comment="Welcome. Please read the note on currencies.",
    ),
    Ask(
        1,
        "ravi",
        "play-events/plays",
        "Training of model r14 on plays of the last ninety days.",
        team="recommender",
        lasts=22,
        decided_by="hana",
        comment="Until the training is done; renew if you need it longer.",
    ),
    Ask(
        1,
        "tomas",
        "listeners/listener-accounts",
        "Match a survey among premium listeners with their plans.",
        lasts=9,
        decided_by="sofia",
    ),
    Ask(
        2,
        "liam",
        "claims/claim-payments",
        "Reconcile claim payments with the ledger at month end.",
        team="finance-ops",
        decided_by="olga",
        decided_after=0.2,
    ),
    Ask(
        2,
        "elif",
        "customer/customer-master",
        "Look up the age of policyholders for a pricing study.",
        decided_by="klara",
        decided_after=2,
        approve=False,
        comment="Age bands are in Customer 360 without names; please use that product.",
    ),
    Ask(
        3,
        "ben",
        "policy/policy-register",
        "Join policies to late claims to see which products they come from.",
        team="claims-analytics",
        decided_by="jonas",
    ),
    Ask(
        4,
        "hana",
        "audience-insights/market-figures",
        "Compare play counts of the apps with the published figures.",
        withdrawn_after=1.5,
    ),
    Ask(
        4,
        "chiara",
        "claims/surveys",
        "Which surveyors take longest, by region.",
        decided_by="olga",
        decided_after=0.5,
        revoked_after=6,
        revoked_because="The study is finished; surveyors' fees are not needed any more.",
    ),
    Ask(
        5,
        "pablo",
        "artists/royalties",
        "Check the statements of the last quarter before they go out.",
        lasts=90,
        decided_by="pablo",
        comment="No other owner in the team at present.",
    ),
    Ask(
        6,
        "maya",
        "risk/policyholder-risk-scores",
        "Show the band on the referral desk.",
        team="underwriting-desk",
        decided_by="elif",
    ),
    Ask(
        7,
        "nils",
        "billing/broker-commissions",
        "Answer brokers' questions about their monthly statement.",
        team="broker-desk",
        decided_by="liam",
    ),
    Ask(
        9,
        "quinn",
        "audience-insights/advertising-segments",
        "Offer segments to podcast advertisers.",
        team="podcasts",
        decided_by="tomas",
        decided_after=0.4,
    ),
    Ask(11, "uma", "claims/injury-claims", "Model the cost of long treatments.", lasts=180),
    Ask(12, "elif", "claims/late-claims", "Late reporting factor in the reserves.", team="pricing"),
    Ask(
        12,
        "ana",
        "claims/claims-register",
        "Daily feed of the late claims list.",
        team="claims-analytics",
        lasts=None,
    ),
    Ask(13, "femke", "agency/broker-directory", "Map of our brokers for the annual report."),
    Ask(13, "quinn", "play-events/plays", "Do music listeners try podcasts?", team="podcasts"),
)

EDITS: tuple[tuple[int, str, str, Mapping[str, object]], ...] = (
    (
        3,
        "ben",
        "claims.late_claims",
        {
            "columns[due_on].description": "Day promised to the customer for the next step.",
            "columns[late_step].description": "The step that is overdue.",
            "columns[handler_name].description": "Ask this person before you call the customer.",
        },
    ),
    (5, "klara", "customer.customer", {"columns[segment].description": "Set once a month."}),
    (
        6,
        "ana",
        "claims/claim-cost",
        {"support": "#claims-analytics, office hours on Tuesdays at ten"},
    ),
    (8, "dieter", "claims/claim-payments", {"certified": True}),
    (8, "dieter", "billing.payment", {"columns[reference].sensitivity": "bank-account"}),
    (
        10,
        "hana",
        "play-events.session",
        {"description": "Sessions end after thirty silent minutes."},
    ),
    (
        11,
        "pablo",
        "artists.track",
        {"columns[isrc].description": "International Standard Recording Code; repeats are errors."},
    ),
)

FOLLOWS: tuple[tuple[str, str], ...] = (
    ("femke", "claims/claim-cost"),
    ("femke", "audience-insights/market-figures"),
    ("elif", "claims/claims-register"),
    ("elif", "claims/late-claims"),
    ("elif", "policy/policy-register"),
    ("ben", "claims/claims-register"),
    ("ben", "policy/policy-register"),
    ("chiara", "claims/late-claims"),
    ("hana", "artists/music-catalogue"),
    ("ravi", "play-events/plays"),
    ("dieter", "customer/customer-master"),
    ("liam", "claims/claim-payments"),
)


class Diary:
    """Lets people act between two moments of the story."""

    def __init__(self, start: datetime) -> None:
        self.start = start
        self.people = {user.username: user for user in User.objects.all()}
        self.teams = {team.key: team for team in Team.objects.all()}
        self.to_revoke: list[tuple[datetime, Ask, int]] = []

    def live(self, since: datetime, until: datetime) -> None:
        """Do everything that people did after `since`, up to `until`, in order of time."""
        for day, who, subject, changes in EDITS:
            if since < (at := self._moment(day, 0.43)) <= until:
                edit(_subject(subject), changes=changes, by=self.people[who], at=at)
        for ask in ASKS:
            if since < (at := self._moment(ask.day, 0.4)) <= until:
                self._ask(ask, at)
        for at, ask, request_id in [due for due in self.to_revoke if since < due[0] <= until]:
            grant = Grant.objects.get(request_id=request_id)
            revoke(grant, by=self.people[ask.decided_by], comment=ask.revoked_because, at=at)
        expire_due(until)
        notice_due(until)

    def follow(self) -> None:
        """Let people follow products."""
        for who, product in FOLLOWS:
            follow(_product(product), by=self.people[who])

    def _moment(self, day: float, share: float = 0.0) -> datetime:
        return self.start + timedelta(days=day - 1 + share)

    def _ask(self, ask: Ask, at: datetime) -> None:
        port = Port.objects.get(product=_product(ask.product), direction="out")
        request = request_access(
            port,
            by=self.people[ask.who],
            team=self.teams.get(ask.team),
            purpose=ask.purpose,
            ends_on=(at + timedelta(days=ask.lasts)).date() if ask.lasts else None,
            at=at,
        )
        if ask.withdrawn_after is not None:
            withdraw(request, by=self.people[ask.who], at=at + timedelta(days=ask.withdrawn_after))
        if ask.decided_by:
            decided = at + timedelta(days=ask.decided_after)
            decide(
                request,
                by=self.people[ask.decided_by],
                approve=ask.approve,
                comment=ask.comment,
                at=decided,
            )
            if ask.revoked_after is not None:
                later = decided + timedelta(days=ask.revoked_after)
                self.to_revoke.append((later, ask, request.pk))


def _subject(name: str) -> Product | Dataset:
    """Find a product (`domain/key`) or a dataset (`domain.table`)."""
    if "/" in name:
        return _product(name)
    domain, _, table = name.partition(".")
    return Dataset.objects.get(domain__key=domain, display_name=table)


def _product(ref: str) -> Product:
    domain, _, key = ref.partition("/")
    return Product.objects.select_related("domain").get(domain__key=domain, key=key)
