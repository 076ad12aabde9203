"""The people of the demo: at least one in each role. Free of Django.

The sign-in page of the demo shows them with their password; none of them exists anywhere else.
"""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "look-around-2026"  # noqa: S105 -- shown on the sign-in page of the demo


@dataclass(frozen=True, slots=True)
class Person:
    """One person: `roles` are pairs of team and role, `role` is told on the sign-in page."""

    username: str
    name: str
    job: str
    role: str
    roles: tuple[tuple[str, str], ...] = ()
    stewards: tuple[str, ...] = ()
    is_admin: bool = False
    password: str = PASSWORD

    @property
    def email(self) -> str:
        """The address, in a domain that takes no mail."""
        return f"{self.username}@example.org"


DEMO_PEOPLE: tuple[Person, ...] = (
    Person(
        "ana",
        "Ana Kovač",
        "Lead of claims analytics",
        "Owner of Claims Analytics: decides who may use its products",
        (("claims-analytics", "owner"),),
    ),
    Person(
        "ben",
        "Ben Adeyemi",
        "Data engineer",
        "Engineer in Claims Analytics: edits products, runs harvests",
        (("claims-analytics", "engineer"),),
    ),
    Person(
        "chiara",
        "Chiara Rossi",
        "Claims analyst",
        "Member of Claims Analytics: sees what the team sees",
        (("claims-analytics", "member"),),
    ),
    Person(
        "ines",
        "Inês Carvalho",
        "Product owner",
        "Owner of Data Product A, which has registered nothing yet",
        (("data-product-a", "owner"),),
    ),
    Person(
        "dieter",
        "Dieter Hofmann",
        "Data steward",
        "Steward of the whole insurance domain: classifies and certifies",
        stewards=("insurance",),
    ),
    Person(
        "elif",
        "Elif Yılmaz",
        "Pricing actuary",
        "Consumer: asks other teams for data; owner of Pricing and Reserving",
        (("pricing", "owner"),),
    ),
    Person(
        "femke",
        "Femke de Boer",
        "Business analyst",
        "Reader: in no team, sees what everyone signed in may see",
    ),
    Person(
        "gregor",
        "Gregor Novák",
        "Lead investigator",
        "Owner of Special Investigations, whose domain only its own team sees",
        (("special-investigations", "owner"),),
    ),
    Person(
        "hana",
        "Hana Suzuki",
        "Product owner, listening data",
        "Owner of Playback in the streaming company",
        (("playback", "owner"), ("recommender", "member")),
    ),
    Person(
        "ivo",
        "Ivo Jansen",
        "Platform engineer",
        "Platform admin: sees and manages everything",
        is_admin=True,
    ),
)

#: Colleagues who own the other teams; they are not offered on the sign-in page.
COLLEAGUES: tuple[Person, ...] = (
    Person("jonas", "Jonas Lindqvist", "Lead of policy systems", "", (("policy-core", "owner"),)),
    Person(
        "klara",
        "Klara Weiss",
        "Head of customer data",
        "",
        (("customer-care", "owner"), ("policy-core", "steward")),
    ),
    Person("liam", "Liam Walsh", "Finance systems lead", "", (("finance-ops", "owner"),)),
    Person("maya", "Maya Singh", "Underwriting data lead", "", (("underwriting-desk", "owner"),)),
    Person("nils", "Nils Eriksen", "Broker relations", "", (("broker-desk", "owner"),)),
    Person("olga", "Olga Pavlova", "Claims intake lead", "", (("claims-intake", "owner"),)),
    Person("pablo", "Pablo Garcia", "Music catalogue lead", "", (("music", "owner"),)),
    Person("quinn", "Quinn Bennett", "Podcast data lead", "", (("podcasts", "owner"),)),
    Person("ravi", "Ravi Nair", "Recommendation scientist", "", (("recommender", "owner"),)),
    Person(
        "sofia",
        "Sofia Conti",
        "Payments lead",
        "",
        (("subscriptions", "owner"), ("listener-care", "owner")),
    ),
    Person(
        "tomas",
        "Tomáš Dvořák",
        "Audience researcher",
        "",
        (("audience", "owner"),),
        ("streaming",),
    ),
    Person("uma", "Uma Clarke", "Risk modeller", "", (("pricing", "engineer"),)),
)
