"""Contracts in JSON."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalog.models import Contract


class ContractSerializer(serializers.ModelSerializer[Contract]):
    """One version of a contract, without its document."""

    contractId = serializers.CharField(source="key", help_text="The id of the document.")
    status = serializers.CharField(help_text="As the document says it.")
    dataProductGUID = serializers.CharField(source="product.guid")
    readableDataProductKey = serializers.SerializerMethodField(help_text="domain/key")
    port = serializers.CharField(source="port_name", help_text="Empty: all output ports.")
    columnCount = serializers.SerializerMethodField(help_text="How many columns it promises.")
    publishedAt = serializers.DateTimeField(source="created_at")

    class Meta:
        model = Contract
        fields = [
            "id",
            "contractId",
            "version",
            "status",
            "dataProductGUID",
            "readableDataProductKey",
            "port",
            "purpose",
            "columnCount",
            "publishedAt",
        ]

    def get_readableDataProductKey(self, row: Contract) -> str:
        """Return the readable address of the product."""
        return str(row.product.ref)

    def get_columnCount(self, row: Contract) -> int:
        """Count the promised columns."""
        return len(row.columns)


class DiagnosticSerializer(serializers.Serializer[Any]):
    """One fault of a document."""

    path = serializers.CharField(help_text="As `schema[0].properties[2].logicalType`.")
    value = serializers.JSONField(help_text="What was written.")
    message = serializers.CharField(help_text="What is allowed.")
    severity = serializers.ChoiceField(choices=["error", "warning"])
    line = serializers.IntegerField(help_text="From 1; 0: the text is not known.")
    column = serializers.IntegerField()


class LintSerializer(serializers.Serializer[Any]):
    """How a document was judged."""

    isValid = serializers.BooleanField(help_text="No error was found.")
    diagnostics = DiagnosticSerializer(many=True)


LEVELS = ["none", "info", "warning", "error"]


class ChangeSerializer(serializers.Serializer[Any]):
    """One difference between two contracts."""

    path = serializers.CharField(help_text="As `schema.orders.properties.id.required`.")
    what = serializers.ChoiceField(choices=["added", "removed", "changed"])
    before = serializers.JSONField(source="difference.before")
    after = serializers.JSONField(source="difference.after")
    consumer = serializers.ChoiceField(choices=LEVELS, help_text="How it strikes readers.")
    producer = serializers.ChoiceField(choices=LEVELS, help_text="How it strikes the makers.")
    reason = serializers.CharField(help_text="Why; empty where nothing depends on it.")


class ComparisonSerializer(serializers.Serializer[Any]):
    """What a version of a contract changes against another."""

    before = serializers.CharField(help_text="The version compared with.")
    after = serializers.CharField(help_text="The newer version.")
    consumer = serializers.ChoiceField(choices=LEVELS, help_text="The worst for readers.")
    producer = serializers.ChoiceField(choices=LEVELS, help_text="The worst for the makers.")
    isBreaking = serializers.BooleanField(source="is_breaking")
    isNumberedEnough = serializers.BooleanField(
        source="is_numbered_enough", help_text="A break comes with a new major version."
    )
    suggestedVersion = serializers.CharField(source="suggested", help_text="The next version.")
    changes = ChangeSerializer(many=True)
