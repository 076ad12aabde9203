"""Sources and runs in JSON."""

from __future__ import annotations

import json
from typing import Any

from rest_framework import serializers

from catalog.api.bodies import Body
from catalog.models import Domain, Team
from ingestors.models import Run, Secret, Source
from ingestors.services.sources import shown_config
from ingestors.services.vault import LONGEST, LONGEST_NAME


class SourceSerializer(serializers.ModelSerializer[Source]):
    """A source; secrets in its configuration are hidden."""

    domain = serializers.SlugRelatedField[Domain](slug_field="key", read_only=True)
    team = serializers.SlugRelatedField[Team](slug_field="key", read_only=True)
    config = serializers.SerializerMethodField()
    isPaused = serializers.BooleanField(source="is_paused")
    nextRunAt = serializers.DateTimeField(source="next_run_at", allow_null=True)

    class Meta:
        model = Source
        fields = [
            "key",
            "name",
            "connector",
            "config",
            "schedule",
            "domain",
            "team",
            "rules",
            "isPaused",
            "nextRunAt",
        ]

    def get_config(self, row: Source) -> dict[str, Any]:
        """Return the configuration without secrets."""
        shown: dict[str, Any] = json.loads(shown_config(row))
        return shown


class RunSerializer(serializers.ModelSerializer[Run]):
    """A run."""

    queuedAt = serializers.DateTimeField(source="queued_at")
    startedAt = serializers.DateTimeField(source="started_at", allow_null=True)
    finishedAt = serializers.DateTimeField(source="finished_at", allow_null=True)
    found = serializers.IntegerField(source="found_count", allow_null=True)
    done = serializers.IntegerField(source="done_count")
    created = serializers.IntegerField(source="created_count")
    changed = serializers.IntegerField(source="changed_count")
    unchanged = serializers.IntegerField(source="unchanged_count")
    gone = serializers.IntegerField(source="gone_count")
    problems = serializers.IntegerField(source="problem_count")

    class Meta:
        model = Run
        fields = [
            "id",
            "source",
            "state",
            "trigger",
            "queuedAt",
            "startedAt",
            "finishedAt",
            "found",
            "done",
            "current",
            "created",
            "changed",
            "unchanged",
            "gone",
            "problems",
            "error",
        ]

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Name the source by its key."""
        fields = super().get_fields()
        fields["source"] = serializers.SlugRelatedField(slug_field="key", read_only=True)
        return fields


class NewRunSerializer(Body[Run]):
    """What one says when starting a run."""

    confirmRemoval = serializers.BooleanField(required=False, default=False)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Take the key of the source as `source`."""
        fields = super().get_fields()
        fields["source"] = serializers.CharField(help_text="Key of the source.")
        return fields


class VaultSecretSerializer(serializers.ModelSerializer[Secret]):
    """A secret of a team: everything but what it says."""

    team = serializers.SlugRelatedField[Team](slug_field="key", read_only=True)
    reference = serializers.SerializerMethodField()
    createdAt = serializers.DateTimeField(source="created_at")
    createdBy = serializers.SerializerMethodField()
    replacedAt = serializers.DateTimeField(source="replaced_at", allow_null=True)
    replacedBy = serializers.SerializerMethodField()
    usedBy = serializers.SerializerMethodField()

    class Meta:
        model = Secret
        fields = [
            "id",
            "team",
            "name",
            "reference",
            "note",
            "createdAt",
            "createdBy",
            "replacedAt",
            "replacedBy",
            "usedBy",
        ]

    def get_reference(self, row: Secret) -> str:
        """Return how sources refer to it."""
        return str(row)

    def get_createdBy(self, row: Secret) -> str | None:
        """Return who made it."""
        return row.created_by.username if row.created_by else None

    def get_replacedBy(self, row: Secret) -> str | None:
        """Return who replaced it last."""
        return row.replaced_by.username if row.replaced_by else None

    def get_usedBy(self, row: Secret) -> list[str]:
        """Return the keys of the sources that refer to it."""
        return [source.key for source in self.context["use"].get(row.pk, ())]


class NewVaultSecretSerializer(Body[Secret]):
    """A secret to keep."""

    team = serializers.CharField(help_text="Key of the team.")
    name = serializers.CharField(max_length=LONGEST_NAME)
    value = serializers.CharField(max_length=LONGEST, trim_whitespace=False, write_only=True)
    note = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class ReplacedVaultSecretSerializer(Body[Secret]):
    """Another value for a secret."""

    value = serializers.CharField(max_length=LONGEST, trim_whitespace=False, write_only=True)
