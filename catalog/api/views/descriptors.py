"""One address for the documents of every standard: contracts and product descriptors."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import documents
from catalog.api.caller import person
from catalog.api.query import StrictView
from catalog.api.serializers.contracts import DiagnosticSerializer
from catalog.contracts.products import publish_product
from catalog.contracts.publish import publish_contract


class TakenSerializer(serializers.Serializer[Any]):
    """What became of a document."""

    kind = serializers.ChoiceField(choices=["DataContract", "DataProduct"])
    outcome = serializers.ChoiceField(choices=["created", "changed", "unchanged", "stale"])
    dataProductGUID = serializers.CharField(help_text="The product it says something of.")
    readableDataProductKey = serializers.CharField(help_text="domain/key")
    port = serializers.CharField(help_text="Of a contract: its output port; empty: all.")
    warnings = DiagnosticSerializer(
        many=True, help_text="What found no place, or is not known yet."
    )


class DescriptorView(StrictView):
    """Takes a document of whatever standard is known, and says what found no place."""

    takes = {"post": ("domain", "team")}

    def get_parsers(self) -> list[Any]:
        """Take documents as YAML and JSON."""
        return [parser() for parser in documents.PARSERS]

    @extend_schema(
        operation_id="descriptors_create",
        parameters=[
            OpenApiParameter("domain", str, description="Key of the domain, where it names none."),
            OpenApiParameter("team", str, description="Key of the team, where it names none."),
        ],
        request=dict.fromkeys(("application/json", "application/yaml"), OpenApiTypes.OBJECT),
        responses=TakenSerializer,
    )
    def post(self, request: Request) -> Response:
        """Publish an ODCS contract, or a product as ODPS (Bitol), ODPS (Linux Foundation) or DPDS."""
        user = person(request)
        document = documents.sent(request)
        kind = document.content.get("kind")
        if kind == "DataContract" or "dataContractSpecification" in document.content:
            done = publish_contract(document, by=user)
            product, port = done.contract.product, done.contract.port_name
            outcome, warnings = done.status, done.warnings
        else:
            asked = request.query_params
            made = publish_product(
                document, by=user, domain=asked.get("domain", ""), team=asked.get("team", "")
            )
            kind, product, port = "DataProduct", made.product, ""
            outcome, warnings = made.status, made.warnings
        return Response(
            {
                "kind": kind,
                "outcome": outcome,
                "dataProductGUID": product.guid,
                "readableDataProductKey": str(product.ref),
                "port": port,
                "warnings": DiagnosticSerializer(warnings, many=True).data,
            }
        )
