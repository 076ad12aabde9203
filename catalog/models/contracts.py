"""Contracts: what an output port promises."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


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
