"""What the embedded search index keeps; the words themselves stand in a full-text table beside it."""

from __future__ import annotations

from django.db import models


class SearchDocument(models.Model):
    """One writing of an indexed product or dataset; its number is the row of the full-text table."""

    kind = models.CharField(max_length=8)
    object_id = models.BigIntegerField()
    audience = models.CharField(max_length=40)
    name = models.CharField(max_length=300)
    codes = models.TextField(default="", help_text="Facet values, a line each: facet=value.")
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

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


class SearchChange(models.Model):
    """One transaction that wrote the index, for processes that keep a part of it in memory.

    Documents written have higher numbers than all before. `mark` tells it from another change that
    got the same number after a rollback or a restore.
    """

    mark = models.BigIntegerField()
    last_key = models.BigIntegerField(default=0)
    gone = models.JSONField(default=list, help_text="Numbers of documents that are no more.")

    def __str__(self) -> str:
        return f"change {self.pk}"


class SearchWord(models.Model):
    """A word that some document holds, for spelling."""

    word = models.CharField(max_length=64, unique=True)
    length = models.PositiveSmallIntegerField()

    class Meta:
        indexes = [models.Index(fields=["length"])]

    def __str__(self) -> str:
        return self.word


class DeadLetter(models.Model):
    """A document that an index will not take, until it changes."""

    index = models.CharField(max_length=60, help_text="The cursor of the index.")
    kind = models.CharField(max_length=8)
    object_id = models.BigIntegerField()
    reason = models.CharField(max_length=500)
    at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(fields=["index", "kind", "object_id"], name="dead_letter_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id} in {self.index}"
