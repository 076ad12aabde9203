"""What the embedded search index keeps; the words themselves stand in a full-text table beside it."""

from __future__ import annotations

from django.db import models


class SearchDocument(models.Model):
    """One indexed product or dataset. The full-text row has the same number."""

    kind = models.CharField(max_length=8)
    object_id = models.BigIntegerField()
    audience = models.CharField(max_length=40)
    name = models.CharField(max_length=300)
    exact = models.JSONField(default=list, help_text="Tokens of the whole names it is found by.")
    status = models.CharField(max_length=12, blank=True)
    prior = models.FloatField(default=0, help_text="Trust and use, before anything is asked.")
    quality_score = models.FloatField(null=True)
    use_count = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(null=True)
    card = models.JSONField(default=dict, help_text="What explains a hit: names, columns, tags.")
    fingerprint = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "object_id"], name="search_document_once")
        ]
        indexes = [
            models.Index(fields=["kind", "-prior", "id"]),
            models.Index(fields=["kind", "updated_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


class SearchFacet(models.Model):
    """One facet value of one document."""

    document = models.ForeignKey(SearchDocument, models.CASCADE, related_name="facets")
    facet = models.CharField(max_length=16)
    value = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "facet", "value"], name="search_facet_once")
        ]
        indexes = [models.Index(fields=["facet", "value", "document"])]

    def __str__(self) -> str:
        return f"{self.facet}={self.value}"


class SearchWord(models.Model):
    """A word that some document holds, for spelling."""

    word = models.CharField(max_length=64, unique=True)
    length = models.PositiveSmallIntegerField()

    class Meta:
        indexes = [models.Index(fields=["length"])]

    def __str__(self) -> str:
        return self.word
