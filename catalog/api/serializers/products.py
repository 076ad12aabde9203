"""Data products in JSON, under the names that their consumers rely on."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalog import policies
from catalog.access.grants import granted_products
from catalog.api.serializers.quality import ObjectiveSerializer
from catalog.api.serializers.rows import Rows
from catalog.models import Domain, Port, Product, Team
from catalog.policies import Action


class PortSerializer(serializers.ModelSerializer[Port]):
    """A way in or out."""

    major = serializers.IntegerField(min_value=0)
    displayName = serializers.CharField(source="display_name")
    upstream = serializers.CharField(source="upstream_ref")
    sunsetOn = serializers.DateField(source="sunset_on")

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

    dataProductGUID = serializers.CharField(source="guid")
    createDate = serializers.SerializerMethodField()
    owner = serializers.SerializerMethodField()
    displayname = serializers.CharField(source="name")
    visibility = serializers.CharField(help_text="Empty: as its domain.")
    sourceCodeLocation = serializers.CharField(source="source_code_location")
    readableDataProductKey = serializers.SerializerMethodField()
    requiredSecurityGroup = serializers.CharField(source="required_security_group")
    key = serializers.CharField()
    urn = serializers.CharField()
    domain = serializers.SlugRelatedField[Domain](slug_field="key", read_only=True)
    team = serializers.SlugRelatedField[Team](slug_field="key", read_only=True)
    successor = serializers.SerializerMethodField()
    sunsetOn = serializers.DateField(source="sunset_on")
    tags = serializers.SlugRelatedField[Any](slug_field="name", many=True, read_only=True)
    support = serializers.SerializerMethodField()
    qualityScore = serializers.FloatField(source="quality_score")
    promisesKept = serializers.IntegerField(source="promises_kept")
    promisesTotal = serializers.IntegerField(source="promises_total")
    consumerCount = serializers.IntegerField(source="consumer_count")
    dataUpdatedAt = serializers.DateTimeField(source="data_updated_at")
    updatedAt = serializers.DateTimeField(source="updated_at")
    revision = serializers.IntegerField(source="revision_number")

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
        """Return the day the product was made, as stated or as recorded."""
        return (row.created_on or row.created_at.date()).isoformat()

    def get_owner(self, row: Product) -> str:
        """Return the name of the owning team."""
        return row.team.name if row.team else ""

    def get_readableDataProductKey(self, row: Product) -> str:
        """Return the readable address."""
        return str(row.ref)

    def look(self, rows: list[Product]) -> None:
        """Read which successors and contacts of these products the caller may see: three queries."""
        user = self.context["request"].user
        heirs = {row.successor_id for row in rows if row.successor_id}
        seen = Product.objects.visible_to(user).filter(pk__in=heirs)
        self._heirs = dict(seen.values_list("pk", "guid")) if heirs else {}
        gated = {row.pk for row in rows if row.is_gated}
        self._closed = gated
        if gated:
            opened = policies.where(
                Product.objects.filter(pk__in=gated).order_by(), user, Action.SEE_CONTACT
            )
            self._closed = gated - set(opened.values_list("pk", flat=True)) - granted_products(user)

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
