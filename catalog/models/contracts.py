"""Contracts: what an output port promises."""

from __future__ import annotations

from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone

from catalog.models.people import User
from catalog.models.products import Product


class ContractQuerySet(models.QuerySet["Contract"]):
    """Contracts."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Keep the contracts of products that this person may know of."""
        return self.filter(product__in=Product.objects.visible_to(user).order_by().values("pk"))


class Contract(models.Model):
    """One version of one contract of a product."""

    product = models.ForeignKey("catalog.Product", models.CASCADE, related_name="contracts")
    port_name = models.CharField(max_length=64, blank=True)
    key = models.CharField(max_length=200)
    version = models.CharField(max_length=40)
    status = models.CharField(max_length=40, default="active")
    purpose = models.TextField(blank=True)
    usage = models.TextField(blank=True)
    limitations = models.TextField(blank=True)
    terms = models.TextField(blank=True)
    columns = models.JSONField(default=list)
    document = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    objects = models.Manager.from_queryset(ContractQuerySet)()

    class Meta:
        ordering = ["key", "-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "key", "version"], name="contract_version_once"
            )
        ]
        indexes = [models.Index(fields=["key"])]

    def __str__(self) -> str:
        return f"{self.key} {self.version}"
