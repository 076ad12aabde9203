"""Data products in JSON, under the names that their consumers rely on."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalog.access.redaction import still_closed
from catalog.api.serializers.quality import ObjectiveSerializer
from catalog.api.serializers.rows import Rows
from catalog.models import Domain, Port, Product, Team


class PortSerializer(serializers.ModelSerializer[Port]):
    """A way in or out."""

    major = serializers.IntegerField(min_value=0)
    displayName = serializers.CharField(source="display_name")
    upstream = serializers.CharField(
        source="upstream_ref",
        allow_null=True,
        help_text="What an input reads, `domain/key`; null: a product you may not see.",
    )
    sunsetOn = serializers.DateField(source="sunset_on", allow_null=True)

    class Meta:
        model = Port
        fields = [
            "id",
            "direction",
            "name",
            "major",
            "version",
            "displayName",
            "description",
            "technology",
            "upstream",
            "sunsetOn",
        ]


class ProductSerializer(serializers.ModelSerializer[Product]):
    """A data product, under the names that its consumers rely on."""

    dataProductGUID = serializers.CharField(
        source="guid", help_text="Names the product for ever; never reused."
    )
    createDate = serializers.SerializerMethodField(
        help_text="The day or moment it was made, as stated; else the day it was recorded."
    )
    owner = serializers.SerializerMethodField(
        help_text="Name of the owning team; a PUT takes its key as well."
    )
    displayname = serializers.CharField(
        source="name", help_text="What people call it (one word, in lower case)."
    )
    visibility = serializers.CharField(help_text="Empty: as its domain.")
    sourceCodeLocation = serializers.CharField(
        source="source_code_location", help_text="Where the code that makes it lives."
    )
    readableDataProductKey = serializers.CharField(
        source="readable", help_text="domain/key, or as its team writes it."
    )
    requiredSecurityGroup = serializers.CharField(
        source="required_security_group", help_text="Who may use it in its own store."
    )
    key = serializers.CharField(help_text="Unique within the domain.")
    urn = serializers.CharField(help_text="The name of the product as a URN.")
    domain = serializers.SlugRelatedField[Domain](slug_field="key", read_only=True)
    team = serializers.SlugRelatedField[Team](slug_field="key", read_only=True)
    successor = serializers.SerializerMethodField(
        help_text="GUID of the product to use instead, where you may see it."
    )
    sunsetOn = serializers.DateField(source="sunset_on", allow_null=True)
    tags = serializers.SlugRelatedField[Any](slug_field="name", many=True, read_only=True)
    support = serializers.SerializerMethodField(
        help_text="Where to ask; of a gated product only with a grant, null otherwise."
    )
    qualityScore = serializers.FloatField(
        source="quality_score", allow_null=True, help_text="0 to 100; null: not measured."
    )
    promisesKept = serializers.IntegerField(
        source="promises_kept", help_text="How many objectives are kept now."
    )
    promisesTotal = serializers.IntegerField(
        source="promises_total", help_text="How many objectives there are."
    )
    consumerCount = serializers.IntegerField(
        source="consumer_count", help_text="How many people and teams hold a current grant."
    )
    dataUpdatedAt = serializers.DateTimeField(
        source="data_updated_at",
        allow_null=True,
        help_text="When the data itself changed last, as a harvest found it.",
    )
    updatedAt = serializers.DateTimeField(
        source="updated_at", help_text="When what is stated changed last."
    )
    revision = serializers.IntegerField(
        source="revision_number", help_text="Grows with each change of what is stated."
    )

    class Meta:
        model = Product
        list_serializer_class = Rows
        fields = [
            "dataProductGUID",
            "createDate",
            "owner",
            "displayname",
            "sourceCodeLocation",
            "description",
            "readableDataProductKey",
            "requiredSecurityGroup",
            "key",
            "urn",
            "domain",
            "team",
            "archetype",
            "status",
            "version",
            "successor",
            "sunsetOn",
            "classification",
            "visibility",
            "certified",
            "tags",
            "support",
            "qualityScore",
            "promisesKept",
            "promisesTotal",
            "consumerCount",
            "dataUpdatedAt",
            "updatedAt",
            "revision",
        ]

    def get_createDate(self, row: Product) -> str:
        """Return when the product was made, as stated or as recorded."""
        return row.created_on or row.created_at.date().isoformat()

    def get_owner(self, row: Product) -> str:
        """Return the name of the owning team."""
        return row.team.name if row.team else ""

    def look(self, rows: list[Product]) -> None:
        """Read which successors and contacts of these products the caller may see: three queries."""
        user = self.context["request"].user
        others = {row.successor_id for row in rows if row.successor_id} | self.read_by(rows)
        seen = Product.objects.visible_to(user).filter(pk__in=others)
        self._heirs = dict(seen.values_list("pk", "guid")) if others else {}
        self._closed = still_closed(frozenset(row.pk for row in rows if row.is_gated), user)

    def read_by(self, rows: list[Product]) -> set[int]:
        """Return the products that are named as inputs."""
        return set()

    def to_representation(self, instance: Product) -> dict[str, Any]:
        """Return a product in JSON."""
        if not hasattr(self, "_heirs"):
            self.look([instance])
        return super().to_representation(instance)

    def get_successor(self, row: Product) -> str | None:
        """Return the successor's GUID when the viewer may see it."""
        return self._heirs.get(row.successor_id or 0)

    def get_support(self, row: Product) -> str | None:
        """Return the support channel; of a gated product only with a grant."""
        return None if row.pk in self._closed else row.support


class ProductDetailSerializer(ProductSerializer):
    """A data product with its ports and promises."""

    ports = PortSerializer(many=True, read_only=True)
    objectives = ObjectiveSerializer(many=True, read_only=True)

    class Meta(ProductSerializer.Meta):
        fields = [*ProductSerializer.Meta.fields, "ports", "objectives"]

    def read_by(self, rows: list[Product]) -> set[int]:
        """Return the products that their input ports read."""
        return {port.upstream_id for row in rows for port in row.ports.all() if port.upstream_id}

    def to_representation(self, instance: Product) -> dict[str, Any]:
        """Return a product in JSON; an input that is hidden has no name."""
        data = super().to_representation(instance)
        hidden = {
            port.pk
            for port in instance.ports.all()
            if port.upstream_id and port.upstream_id not in self._heirs
        }
        for port in data["ports"]:
            if port["id"] in hidden:
                port["upstream"] = None
        return data
