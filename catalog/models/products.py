"""Data products, their ports and tags."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.utils import timezone

from catalog.descriptors import Archetype, Classification, Status
from catalog.models.domains import VISIBILITY_CHOICES, VisibleQuerySet
from catalog.moments import LONGEST_MOMENT, day_of
from catalog.names import ProductRef
from catalog.visibility import PUBLIC

ARCHETYPE_CHOICES = [(a.value, a.value.replace("-", " ").capitalize()) for a in Archetype]
STATUS_CHOICES = [(s.value, s.value.capitalize()) for s in Status]
CLASSIFICATION_CHOICES = [(c.value, c.value.capitalize()) for c in Classification]


class Tag(models.Model):
    """A free label."""

    name = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ProductQuerySet(VisibleQuerySet["Product"]):
    """Data products."""

    def with_summary(self) -> Self:
        """Fetch what a row in a list shows."""
        return self.select_related("domain", "team").prefetch_related("tags")


class Product(models.Model):
    """The architectural quantum: owned, described, versioned, with ports, a lifecycle and promises."""

    guid = models.CharField(max_length=64, unique=True)
    domain = models.ForeignKey(
        "catalog.Domain", models.PROTECT, related_name="products", db_index=False
    )
    key = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    team = models.ForeignKey(
        "catalog.Team", models.PROTECT, related_name="products", null=True, blank=True
    )
    archetype = models.CharField(max_length=20, choices=ARCHETYPE_CHOICES, blank=True)
    status = models.CharField(max_length=12, choices=STATUS_CHOICES, default=Status.ACTIVE.value)
    successor = models.ForeignKey(
        "self", models.SET_NULL, related_name="predecessors", null=True, blank=True
    )
    sunset_on = models.DateField(null=True, blank=True)
    version = models.CharField(max_length=40, blank=True)
    source_code_location = models.CharField(max_length=1000, blank=True)
    classification = models.CharField(max_length=16, choices=CLASSIFICATION_CHOICES, blank=True)
    required_security_group = models.CharField(max_length=500, blank=True)
    visibility = models.CharField(
        max_length=16, choices=VISIBILITY_CHOICES, blank=True, help_text="Empty: as its domain."
    )
    audience = models.CharField(max_length=40, default=PUBLIC)
    support = models.CharField(max_length=500, blank=True)
    certified = models.BooleanField(default=False)
    created_on = models.CharField(
        max_length=LONGEST_MOMENT,
        blank=True,
        default="",
        help_text="A day or a moment (ISO 8601), as stated.",
    )
    readable_key = models.CharField(
        max_length=130, blank=True, help_text="How its team writes the address; empty: domain/key."
    )
    tags = models.ManyToManyField(Tag, related_name="products", blank=True)
    extra = models.JSONField(default=dict)
    quality_score = models.FloatField(
        null=True, blank=True, help_text="0 to 100; null: not measured."
    )
    promises_kept = models.PositiveIntegerField(default=0)
    promises_total = models.PositiveIntegerField(default=0)
    data_updated_at = models.DateTimeField(null=True, blank=True)
    consumer_count = models.PositiveIntegerField(default=0)
    revision_number = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = models.Manager.from_queryset(ProductQuerySet)()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["domain", "key"], name="product_key_once_per_domain")
        ]
        indexes = [
            models.Index(fields=["updated_at", "id"]),
            models.Index(fields=["name", "id"]),
            models.Index(fields=["-consumer_count", "name"]),
            models.Index(fields=["domain", "audience", "status", "quality_score"]),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def ref(self) -> ProductRef:
        """The readable address; needs the domain loaded."""
        return ProductRef(self.domain.key, self.key)

    @property
    def readable(self) -> str:
        """The address as its team writes it, as long as it still means this one; needs the domain loaded."""
        if not self.readable_key:
            return str(self.ref)
        try:
            is_true = ProductRef.stated(self.readable_key, self.domain.key) == self.ref
        except ValueError:
            return str(self.ref)
        return self.readable_key if is_true else str(self.ref)

    @property
    def day(self) -> date:
        """The day it was made, as stated or as recorded."""
        return day_of(self.created_on) if self.created_on else self.created_at.date()

    @property
    def urn(self) -> str:
        """The URN; needs the domain loaded."""
        return self.ref.urn

    @property
    def is_gated(self) -> bool:
        """Samples and contact details open only with a grant."""
        return self.classification in {Classification.CONFIDENTIAL, Classification.RESTRICTED}


class Port(models.Model):
    """How data goes in or out of a product."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="ports", db_index=False)
    direction = models.CharField(max_length=3, choices=[("in", "Input"), ("out", "Output")])
    name = models.CharField(max_length=64)
    major = models.PositiveIntegerField(default=1)
    version = models.CharField(max_length=40, blank=True)
    display_name = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True)
    technology = models.CharField(max_length=40, blank=True)
    location = models.CharField(max_length=1000, blank=True)
    upstream_ref = models.CharField(
        max_length=200, blank=True, help_text="As stated; `upstream` once that product is known."
    )
    upstream = models.ForeignKey(
        Product, models.SET_NULL, related_name="read_by_ports", null=True, blank=True
    )
    datasets = models.ManyToManyField(
        "catalog.Dataset", through="catalog.PortDataset", related_name="ports"
    )
    contract_key = models.CharField(
        max_length=200, blank=True, help_text="Id of the contract it keeps, known yet or not."
    )
    sunset_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["direction", "name", "major"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "direction", "name", "major"], name="port_once_per_product"
            )
        ]
        indexes = [models.Index(fields=["upstream_ref"]), models.Index(fields=["contract_key"])]

    def __str__(self) -> str:
        return self.display_name or self.name


class PortDataset(models.Model):
    """A dataset behind a port. The address is kept even while no such dataset is known."""

    port = models.ForeignKey(Port, models.CASCADE, related_name="addresses", db_index=False)
    namespace = models.CharField(max_length=500)
    name = models.CharField(max_length=1000)
    dataset = models.ForeignKey(
        "catalog.Dataset", models.SET_NULL, related_name="port_links", null=True, blank=True
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["port", "namespace", "name"], name="dataset_once_per_port"
            )
        ]
        indexes = [models.Index(fields=["namespace", "name"])]

    def __str__(self) -> str:
        return f"{self.namespace} {self.name}"


class Follow(models.Model):
    """A person who wants to hear of a product's changes."""

    user = models.ForeignKey("catalog.User", models.CASCADE, related_name="follows")
    product = models.ForeignKey(Product, models.CASCADE, related_name="followers")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "product"], name="follow_once")]

    def __str__(self) -> str:
        return f"{self.user} follows {self.product}"
