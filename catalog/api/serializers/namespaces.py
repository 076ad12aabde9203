"""Claims on namespaces in JSON."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.api.bodies import Body
from catalog.models import NamespaceClaim

_KEY = {"type": ["string", "null"]}


class NamespaceClaimSerializer(serializers.ModelSerializer[NamespaceClaim]):
    """Whose the names of a namespace are that begin with a prefix."""

    team = serializers.SerializerMethodField()
    domain = serializers.SerializerMethodField()
    owner = serializers.CharField(read_only=True, help_text="The name of the team or domain.")
    by = serializers.SerializerMethodField()
    datasetCount = serializers.SerializerMethodField()
    dispute = serializers.SerializerMethodField()
    revision = serializers.IntegerField(read_only=True)  # the same document on both databases

    class Meta:
        model = NamespaceClaim
        fields = [
            "id",
            "namespace",
            "prefix",
            "team",
            "domain",
            "owner",
            "origin",
            "source",
            "by",
            "since",
            "note",
            "datasetCount",
            "dispute",
            "revision",
        ]

    @extend_schema_field(_KEY)
    def get_team(self, row: NamespaceClaim) -> str | None:
        """Return the key of the team; empty where a domain owns it."""
        return row.team.key if row.team else None

    @extend_schema_field(_KEY)
    def get_domain(self, row: NamespaceClaim) -> str | None:
        """Return the key of the domain."""
        return row.domain.key if row.domain else None

    @extend_schema_field(_KEY)
    def get_by(self, row: NamespaceClaim) -> str | None:
        """Return who granted it."""
        return str(row.by) if row.by else None

    def get_datasetCount(self, row: NamespaceClaim) -> int:
        """Return how many of its datasets the caller may see."""
        return int(getattr(row, "dataset_count", 0))

    @extend_schema_field(
        {
            "type": ["object", "null"],
            "properties": {
                "at": {"type": "string", "format": "date-time"},
                "by": {"type": ["string", "null"]},
                "word": {"type": "string"},
            },
        }
    )
    def get_dispute(self, row: NamespaceClaim) -> dict[str, Any] | None:
        """Return what speaks against it, while nobody decided."""
        if row.disputed_at is None:
            return None
        by = str(row.disputed_by) if row.disputed_by else None
        return {"at": row.disputed_at, "by": by, "word": row.dispute}


class _OwnerSerializer(Body[NamespaceClaim]):
    """One of `team` and `domain`."""

    team = serializers.CharField(required=False, max_length=64, help_text="Key of a team.")
    domain = serializers.CharField(
        required=False, max_length=64, help_text="Key of a domain, whose teams share the names."
    )
    note = serializers.CharField(required=False, allow_blank=True, max_length=500)


class NewNamespaceClaimSerializer(_OwnerSerializer):
    """Names to give to a team or domain."""

    namespace = serializers.CharField(max_length=500, trim_whitespace=False)
    prefix = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=1000,
        trim_whitespace=False,
        help_text="How the names begin; empty: all of the namespace.",
    )


class MovedNamespaceClaimSerializer(_OwnerSerializer):
    """Who owns the names from now on."""


class DisputeSerializer(Body[NamespaceClaim]):
    """What speaks against a claim."""

    word = serializers.CharField(max_length=1000)
