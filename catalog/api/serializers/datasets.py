"""Datasets and their columns in JSON."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalog.api.serializers.rows import Rows
from catalog.models import Column, Dataset, Domain, Product


class ColumnSerializer(serializers.ModelSerializer[Column]):
    """A column."""

    nativeType = serializers.CharField(source="native_type")
    primaryKey = serializers.BooleanField(source="primary_key")
    sensitivityReason = serializers.CharField(source="sensitivity_reason")
    unmasked = serializers.BooleanField(help_text="The next harvest may show values.")

    class Meta:
        model = Column
        fields = [
            "path",
            "type",
            "nativeType",
            "nullable",
            "primaryKey",
            "unique",
            "description",
            "sensitivity",
            "sensitivityReason",
            "unmasked",
        ]


class DatasetSerializer(serializers.ModelSerializer[Dataset]):
    """A dataset."""

    displayName = serializers.CharField(source="display_name")
    domain = serializers.SerializerMethodField(
        help_text="Key of its domain; null where you may not see it."
    )
    product = serializers.SerializerMethodField(help_text="GUID of the product that serves it.")
    tags = serializers.SlugRelatedField[Any](slug_field="name", many=True, read_only=True)
    columnCount = serializers.IntegerField(source="column_count")
    rowCount = serializers.IntegerField(source="row_count", allow_null=True)
    byteSize = serializers.IntegerField(source="byte_size", allow_null=True)
    dataUpdatedAt = serializers.DateTimeField(source="data_updated_at", allow_null=True)
    qualityScore = serializers.FloatField(source="quality_score", allow_null=True)
    goneAt = serializers.DateTimeField(source="gone_at", allow_null=True)
    revision = serializers.IntegerField(source="revision_number")

    class Meta:
        model = Dataset
        list_serializer_class = Rows
        fields = [
            "id",
            "namespace",
            "name",
            "displayName",
            "description",
            "kind",
            "technology",
            "domain",
            "product",
            "tags",
            "columnCount",
            "rowCount",
            "byteSize",
            "dataUpdatedAt",
            "qualityScore",
            "goneAt",
            "revision",
        ]

    def look(self, rows: list[Dataset]) -> None:
        """Read which products of these datasets the caller may see."""
        wanted = {row.product_id for row in rows if row.product_id}
        seen = Product.objects.visible_to(self.context["request"].user).filter(pk__in=wanted)
        self._products = dict(seen.values_list("pk", "guid")) if wanted else {}
        domains = Domain.objects.visible_to(self.context["request"].user)
        homes = domains.filter(pk__in={row.domain_id for row in rows if row.domain_id})
        self._domains = dict(homes.order_by().values_list("pk", "key"))

    def get_domain(self, row: Dataset) -> str | None:
        """Return the key of the domain it lies in."""
        if not hasattr(self, "_products"):
            self.look([row])
        return self._domains.get(row.domain_id or 0)

    def get_product(self, row: Dataset) -> str | None:
        """Return the GUID of the product that serves it."""
        if not hasattr(self, "_products"):
            self.look([row])
        return self._products.get(row.product_id or 0)


class DatasetDetailSerializer(DatasetSerializer):
    """A dataset with its columns."""

    columns = ColumnSerializer(many=True, read_only=True)

    class Meta(DatasetSerializer.Meta):
        fields = [*DatasetSerializer.Meta.fields, "columns"]


class ProfileSerializer(serializers.Serializer[Dataset]):
    """What the last harvest measured; everything is null or empty before the first one."""

    observedAt = serializers.DateTimeField(allow_null=True)
    rowsProfiled = serializers.IntegerField(allow_null=True)
    columns = serializers.ListField(
        child=serializers.DictField(), help_text="Rows, nulls, distinct, minimum, maximum and more."
    )
    notes = serializers.ListField(child=serializers.CharField(), help_text="What was cut short.")


class SampleSerializer(serializers.Serializer[Dataset]):
    """Up to 20 rows, sensitive values masked."""

    takenAt = serializers.DateTimeField(allow_null=True)
    columns = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.ListField())
    masked = serializers.DictField(
        child=serializers.CharField(), help_text="Column path and why it is masked."
    )
