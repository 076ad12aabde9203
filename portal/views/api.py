"""Where the API begins: its resources, and the page that documents them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from catalog.api.query import StrictView
from catalog.models import Product
from portal.reading.api import description

#: Every resource with its address, in the order of interest.
RESOURCES = {
    "dataproducts": "api-product-list",
    "datasets": "api-dataset-list",
    "domains": "api-domain-list",
    "teams": "api-team-list",
    "contracts": "api-contract-list",
    "lineageMesh": "api-lineage-mesh",
    "lineageProblems": "api-lineage-problems",
    "search": "api-search",
    "suggest": "api-suggest",
    "checks": "api-check-list",
    "objectives": "api-objective-list",
    "accessRequests": "api-access-request-list",
    "grants": "api-grant-list",
    "events": "api-event-list",
    "notifications": "api-notification-list",
    "follows": "api-follow-list",
    "sources": "api-source-list",
    "runs": "api-run-list",
    "tokens": "api-token-list",
}


class IndexSerializer(serializers.Serializer[Product]):
    """Where everything is."""

    resources = serializers.DictField(child=serializers.URLField())
    openapi = serializers.URLField(help_text="This document.")
    documentation = serializers.URLField(help_text="The page for people.")


class Index(StrictView):
    """The resources of the API."""

    @extend_schema(operation_id="index_retrieve", responses=IndexSerializer)
    def get(self, request: Request) -> Response:
        """List the resources with their addresses."""
        resources = {name: reverse(view, request=request) for name, view in RESOURCES.items()}
        documents = {
            "openapi": reverse("openapi-json", request=request),
            "documentation": reverse("api-docs", request=request),
        }
        return Response({"resources": resources, **documents})


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Show the description of the API for people."""
    base = request.build_absolute_uri("/").rstrip("/")
    return render(request, "pages/api/docs.html", {"api": description(base), "base": base})
