"""Results of quality tools, taken from pipelines."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.caller import person
from catalog.api.problems import Invalid
from catalog.api.query import StrictView, product_named
from catalog.api.serializers.contracts import DiagnosticSerializer
from catalog.models import Product, User
from catalog.people import policies
from catalog.people.policies import Action
from catalog.registry.outcomes import Problem
from catalog.standards.diagnostics import Unreadable
from catalog.standards.quality.read import read_results
from catalog.standards.quality.results import NotReadable
from catalog.standards.reading import of_value
from catalog.trust.tool_runs import Recorded, record_runs


class RecordedRunSerializer(serializers.Serializer[Any]):
    """What became of one run."""

    tool = serializers.CharField()
    runId = serializers.CharField(source="run_id")
    checks = serializers.IntegerField(help_text="How many results were recorded.")
    failed = serializers.IntegerField(help_text="How many of them failed or broke.")
    products = serializers.SerializerMethodField(help_text="GUIDs of the products concerned.")
    unplaced = DiagnosticSerializer(many=True, help_text="Results that are about nothing known.")

    def get_products(self, row: Recorded) -> list[str]:
        """Return the GUIDs."""
        return [product.guid for product in row.products]


class RecordedSerializer(serializers.Serializer[Any]):
    """What became of the runs that were sent."""

    runs = RecordedRunSerializer(many=True)


class QualityResultsView(StrictView):
    """Takes results as the tools write them, whatever the tool."""

    takes = {"post": ("product",)}

    @extend_schema(
        operation_id="quality_results_create",
        parameters=[OpenApiParameter("product", str, description="GUID of the product.")],
        request=OpenApiTypes.OBJECT,
        responses=RecordedSerializer,
    )
    def post(self, request: Request) -> Response:
        """Record the results of datacontract-cli, Great Expectations 1.x, Soda 3.x, dbt, OpenLineage."""
        user = person(request)
        sent: object = request.data
        try:
            if isinstance(sent, dict):
                of_value(sent)
            done = record_runs(read_results(sent), by=user, product=_product(request, user))
        except (NotReadable, Unreadable) as error:
            fault = error.diagnostic
            raise Invalid([Problem(fault.path, fault.value, fault.message)]) from error
        if not any(run.checks for run in done) and any(run.unplaced for run in done):
            raise Invalid(
                [Problem(o.path, o.value, o.message) for run in done for o in run.unplaced[:20]]
            )
        headers = {}
        products = [product for run in done for product in run.products]
        if products:
            first = products[0]
            page = reverse("product-tab", args=[first.domain.key, first.key, "quality"])
            headers["location-html"] = settings.PUBLIC_URL + page
        return Response(RecordedSerializer({"runs": done}).data, headers=headers)


@extend_schema(exclude=True)
class TestResultsView(QualityResultsView):
    """The address that `datacontract test --publish` calls."""


def _product(request: Request, user: User) -> Product | None:
    product = product_named(request, user)
    if product is not None and not policies.may(user, Action.PUBLISH_PRODUCT, product):
        raise PermissionDenied("A token of an owner or engineer of its team is needed.")
    return product
