"""Layers, revisions and the event log."""

from __future__ import annotations

from collections.abc import Collection
from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, ExpressionWrapper, OuterRef, Q, Value
from django.db.models.functions import Concat

from catalog.models.datasets import Dataset
from catalog.models.domains import Domain, VisibleQuerySet
from catalog.models.namespaces import NamespaceClaim
from catalog.models.people import Team, User
from catalog.models.products import Product
from catalog.visibility import PUBLIC, viewer_tokens


class Layer(models.Model):
    """What one source says of one subject: the newest statement, whole."""

    subject_kind = models.CharField(
        max_length=8, choices=[("product", "Product"), ("dataset", "Dataset")]
    )
    subject_key = models.CharField(
        max_length=1600, help_text="`domain/key`, or the dataset's address."
    )
    kind = models.CharField(max_length=10)
    source = models.CharField(max_length=200)
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    stamps = models.JSONField(
        default=dict, help_text="Field path -> {at, by}, where fields were said at other times."
    )
    stated_at = models.DateTimeField()
    by = models.ForeignKey("catalog.User", models.SET_NULL, related_name="+", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_key", "kind", "source"],
                name="layer_once_per_source",
            )
        ]
        indexes = [models.Index(fields=["kind", "source"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_key} by {self.source}"


#: The events of a product whose audience is that of the product itself.
STATED = ("product.created", "product.updated", "product.removed")
#: The events that tell of other people than who acted: for who has signed in.
ABOUT_PEOPLE = ("member.changed",)
#: Kinds of subjects that may be hidden by themselves: their rows, and where these keep their audience.
SUBJECTS: dict[str, tuple[type[models.Model], str]] = {
    "dataset": (Dataset, "audience"),
    "domain": (Domain, "audience"),
    "team": (Team, "domain__audience"),
    "namespace": (NamespaceClaim, "domain__audience"),
}


def _hidden(
    model: type[models.Model], ref: str, tokens: Collection[str], audience: str = "audience"
) -> models.QuerySet[models.Model]:
    """Return the row that an event is about, where it is hidden from these tokens."""
    rows = model._default_manager.filter(pk=OuterRef(ref))
    return rows.filter(**{f"{audience}__isnull": False}).exclude(**{f"{audience}__in": tokens})


def _narrower_once_gone(ref: str, tokens: Collection[str]) -> models.QuerySet[models.Model]:
    """Return the events of a product that was deleted which these tokens do not open.

    What is gone keeps the narrowest audience it ever had: deleting makes nothing visible again.
    """
    there = Product.objects.filter(pk=OuterRef("product_id"))
    own = Event._default_manager.filter(product_id=OuterRef(ref), type__in=STATED)
    return own.exclude(Exists(there)).exclude(audience__in=tokens)


class EventQuerySet(VisibleQuerySet["Event"]):
    """Events: each carries the audience its subject had, and is hidden with its subject later."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Keep what this person might know when it happened, and may know now."""
        tokens = viewer_tokens(user)
        if tokens is None:
            return self
        rows = self.about_visible(user).filter(audience__in=tokens)
        return rows if user.is_authenticated else rows.exclude(type__in=ABOUT_PEOPLE)

    def about_visible(self, user: User | AnonymousUser) -> Self:
        """Keep events about what this person may see now, whoever saw it then."""
        tokens = viewer_tokens(user)
        if tokens is None:
            return self
        rows = self.filter(
            ~Exists(_hidden(Product, "product_id", tokens)),
            ~Exists(_narrower_once_gone("product_id", tokens)),
        )
        for kind, (model, audience) in SUBJECTS.items():
            hidden = _hidden(model, "subject_id", tokens, audience)
            rows = rows.exclude(Q(subject_kind=kind) & Exists(hidden))
        return rows

    def of_types(self, types: Collection[str]) -> Self:
        """Keep events of these types; `contract.*` means every type that begins with `contract.`."""
        wanted = Q(type__in=[name for name in types if not name.endswith(".*")])
        for name in types:
            if name.endswith(".*"):
                wanted |= Q(type__startswith=name.removesuffix("*"))
        return self.filter(wanted)

    def in_domain(self, domain: Domain) -> Self:
        """Keep what happened in a domain or below it, also to products that were deleted since."""
        below = Domain.objects.filter(path__startswith=domain.path)
        products = Product.objects.filter(domain__path__startswith=domain.path)
        datasets = Dataset.objects.filter(domain__path__startswith=domain.path)
        named = below.annotate(
            named=ExpressionWrapper(OuterRef("subject_key"), models.CharField())
        ).filter(named__startswith=Concat("key", Value("/")))
        return self.filter(
            Q(product_id__in=products.values("pk"))
            | Q(subject_kind="dataset", subject_id__in=datasets.values("pk"))
            | Q(subject_kind="domain", subject_id__in=below.values("pk"))
            | (Q(subject_kind="product") & Exists(named))
        )


class Event(models.Model):
    """Something that happened. Append-only: the database refuses updates and deletes."""

    id = models.BigAutoField(primary_key=True)
    type = models.CharField(max_length=60, help_text="`product.updated`, …")
    at = models.DateTimeField(help_text="When it happened in the world.")
    recorded_at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(
        "catalog.User", models.PROTECT, related_name="+", null=True, blank=True, db_constraint=False
    )
    actor_name = models.CharField(max_length=200, help_text="A person, or a source of metadata.")
    subject_kind = models.CharField(max_length=20)
    subject_key = models.CharField(max_length=1600)
    subject_id = models.BigIntegerField(null=True, blank=True)
    product_id = models.BigIntegerField(null=True, blank=True)
    audience = models.CharField(max_length=40, default=PUBLIC)
    data = models.JSONField(default=dict)

    objects = models.Manager.from_queryset(EventQuerySet)()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["product_id", "at", "id"]),
            models.Index(fields=["subject_kind", "subject_id", "at"]),
            models.Index(fields=["at", "id"]),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.type} {self.subject_key}"


class Revision(models.Model):
    """One change of one subject, field by field."""

    subject_kind = models.CharField(max_length=8)
    subject_id = models.BigIntegerField()
    number = models.PositiveIntegerField()
    event = models.ForeignKey(Event, models.PROTECT, related_name="revisions", null=True)
    at = models.DateTimeField()
    layer_kind = models.CharField(max_length=10)
    source = models.CharField(max_length=200)
    by = models.ForeignKey("catalog.User", models.SET_NULL, related_name="+", null=True, blank=True)
    changes = models.JSONField(help_text="[{path, before, after}]")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "number"], name="revision_number_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject_id} revision {self.number}"


class Cursor(models.Model):
    """How far a follower of the event log has come."""

    name = models.CharField(max_length=60, unique=True)
    event_id = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField(auto_now=True)
    failures = models.PositiveIntegerField(default=0, help_text="Tries in a row that failed.")
    retry_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"{self.name} at {self.event_id}"
