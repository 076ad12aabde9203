"""The tables of the catalog."""

from catalog.models.access import (
    AccessRequest,
    Grant,
    GrantQuerySet,
    GrantState,
    Notification,
    RequestState,
)
from catalog.models.contracts import Contract
from catalog.models.datasets import Column, Dataset, DatasetHistory, Profile, Sample
from catalog.models.domains import Domain
from catalog.models.events import Cursor, Event, Layer, Revision
from catalog.models.former_keys import FormerKey
from catalog.models.invitations import Invitation
from catalog.models.namespaces import ClaimOrigin, NamespaceClaim
from catalog.models.people import (
    ApiToken,
    DomainSteward,
    Membership,
    Role,
    Team,
    TokenScope,
    User,
)
from catalog.models.products import Follow, Port, PortDataset, Product, Tag
from catalog.models.pushes import Push
from catalog.models.reach import Reach
from catalog.models.search import DeadLetter, SearchChange, SearchDocument, SearchWord
from catalog.models.trust import Check, Measurement, Objective, Outcome, Result, Score
from catalog.models.webhooks import Webhook, WebhookAttempt, WebhookLetter

__all__ = [
    "AccessRequest",
    "ApiToken",
    "Check",
    "ClaimOrigin",
    "Column",
    "Contract",
    "Cursor",
    "Dataset",
    "DatasetHistory",
    "DeadLetter",
    "Domain",
    "DomainSteward",
    "Event",
    "Follow",
    "FormerKey",
    "Grant",
    "GrantQuerySet",
    "GrantState",
    "Invitation",
    "Layer",
    "Measurement",
    "Membership",
    "NamespaceClaim",
    "Notification",
    "Objective",
    "Outcome",
    "Port",
    "PortDataset",
    "Product",
    "Profile",
    "Push",
    "Reach",
    "RequestState",
    "Result",
    "Revision",
    "Role",
    "Sample",
    "Score",
    "SearchChange",
    "SearchDocument",
    "SearchWord",
    "Tag",
    "Team",
    "TokenScope",
    "User",
    "Webhook",
    "WebhookAttempt",
    "WebhookLetter",
]
