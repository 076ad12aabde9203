"""The two companies of the demo: their domains and teams. Free of Django."""

from __future__ import annotations

from typing import NamedTuple


class Area(NamedTuple):
    """A domain of the demo."""

    key: str
    name: str
    parent: str
    team: str
    hue: int
    description: str
    visibility: str = "everyone"
    store: str = ""


class Crew(NamedTuple):
    """A team of the demo."""

    key: str
    name: str
    domain: str
    contact: str
    description: str


AREAS: tuple[Area, ...] = (
    Area(
        "insurance",
        "Insurance",
        "",
        "",
        0,
        "An insurer for private customers: motor, home, travel, liability. "
        "Nine domains, each with its own stores and teams.",
    ),
    Area(
        "policy",
        "Policy",
        "insurance",
        "policy-core",
        1,
        "Contracts of insurance from the first day of cover to the last, in every state.",
    ),
    Area(
        "underwriting",
        "Underwriting",
        "insurance",
        "underwriting-desk",
        2,
        "Applications, quotes and the decisions on what to insure, and at which price.",
    ),
    Area(
        "risk",
        "Risk",
        "insurance",
        "pricing",
        3,
        "What may happen where: hazards, exposure and scores that price and reinsurance build on.",
    ),
    Area(
        "claims",
        "Claims",
        "insurance",
        "claims-intake",
        4,
        "Losses from notification to settlement: who claims, what is paid, and how long it takes.",
    ),
    Area(
        "special-investigations",
        "Special Investigations",
        "claims",
        "special-investigations",
        5,
        "Suspected fraud. Only the investigating team sees this domain.",
        "team",
    ),
    Area(
        "customer",
        "Customer",
        "insurance",
        "customer-care",
        6,
        "The people we insure: identity, addresses, consents, contacts and complaints.",
    ),
    Area(
        "insurance-products",
        "Product",
        "insurance",
        "policy-core",
        7,
        "What we sell: products, covers, wordings and tariffs.",
    ),
    Area(
        "billing",
        "Billing & Payments",
        "insurance",
        "finance-ops",
        8,
        "Premium invoices, money in and out, reminders and the journal that finance closes with.",
    ),
    Area(
        "agency",
        "Agency & Brokers",
        "insurance",
        "broker-desk",
        9,
        "Brokers and agents who sell for us, their agreements and their production.",
        "signed-in",
    ),
    Area(
        "actuarial",
        "Actuarial",
        "insurance",
        "pricing",
        10,
        "Reserving, loss ratios and solvency, put together from policies, claims and billing.",
        "signed-in",
    ),
    Area(
        "streaming",
        "Streaming",
        "",
        "",
        11,
        "A service for music and podcasts in five countries. Seven domains.",
    ),
    Area(
        "play-events",
        "Play Events",
        "streaming",
        "playback",
        1,
        "Every play, session and search, as the apps report them.",
    ),
    Area(
        "artists",
        "Artists",
        "streaming",
        "music",
        3,
        "Artists, labels, releases, recordings and what they earn.",
    ),
    Area(
        "podcasts",
        "Podcasts",
        "streaming",
        "podcasts",
        5,
        "Shows, episodes, who hears them, and the advertising that pays for them.",
    ),
    Area(
        "listeners",
        "Users",
        "streaming",
        "listener-care",
        7,
        "Accounts, profiles, devices, playlists and the questions listeners ask.",
    ),
    Area(
        "streaming-payments",
        "Payments",
        "streaming",
        "subscriptions",
        9,
        "Plans, subscriptions, charges and disputes.",
    ),
    Area(
        "recommendations",
        "Recommendations",
        "streaming",
        "recommender",
        2,
        "What is recommended to whom, by which model, and whether it was heard.",
    ),
    Area(
        "audience-insights",
        "Audience Insights",
        "streaming",
        "audience",
        4,
        "Segments, churn and market figures for the people who run and sell the service.",
        "signed-in",
    ),
)

TEAMS: tuple[Crew, ...] = (
    Crew(
        "policy-core",
        "Policy Core",
        "policy",
        "#policy-core",
        "Runs the policy administration and its data products.",
    ),
    Crew(
        "underwriting-desk",
        "Underwriting Desk",
        "underwriting",
        "#underwriting-data",
        "Underwriters and the engineers beside them.",
    ),
    Crew(
        "pricing",
        "Pricing and Reserving",
        "actuarial",
        "#pricing",
        "Actuaries and risk modellers: tariffs, reserves, reinsurance.",
    ),
    Crew(
        "claims-intake",
        "Claims Intake",
        "claims",
        "#claims-intake",
        "Takes notifications and runs the claims system.",
    ),
    Crew(
        "claims-analytics",
        "Claims Analytics",
        "claims",
        "#claims-analytics",
        "Turns claims into figures that other teams may build on.",
    ),
    Crew(
        "data-product-a",
        "Data Product A",
        "claims",
        "#data-product-a",
        "Has nothing registered yet: the first call of the README does it.",
    ),
    Crew(
        "special-investigations",
        "Special Investigations",
        "special-investigations",
        "siu@example.org",
        "Looks into suspicious claims.",
    ),
    Crew(
        "customer-care",
        "Customer Care Data",
        "customer",
        "#customer-data",
        "Keeps the customer master and everything customers told us.",
    ),
    Crew(
        "finance-ops",
        "Finance Operations",
        "billing",
        "#finance-ops",
        "Invoices, collects, pays out and closes the books.",
    ),
    Crew(
        "broker-desk",
        "Broker Desk",
        "agency",
        "#broker-desk",
        "Looks after brokers, agreements and targets.",
    ),
    Crew(
        "playback",
        "Playback",
        "play-events",
        "#playback-data",
        "Collects what the apps report and makes it trustworthy.",
    ),
    Crew("music", "Music Catalogue", "artists", "#music-catalogue", "Catalogue and royalties."),
    Crew("podcasts", "Podcast Data", "podcasts", "#podcast-data", "Everything spoken."),
    Crew(
        "listener-care",
        "Listener Care",
        "listeners",
        "#listener-care",
        "Accounts, privacy requests and support.",
    ),
    Crew(
        "subscriptions",
        "Subscriptions",
        "streaming-payments",
        "#subscriptions",
        "Plans, charges and recurring revenue.",
    ),
    Crew(
        "recommender",
        "Recommender",
        "recommendations",
        "#recommender",
        "Models and experiments.",
    ),
    Crew(
        "audience",
        "Audience Research",
        "audience-insights",
        "#audience",
        "Figures about listeners for product, sales and finance.",
    ),
)
