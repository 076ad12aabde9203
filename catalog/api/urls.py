"""Addresses of the API, below /api/v1/."""

from __future__ import annotations

from django.urls import path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularYAMLAPIView
from rest_framework.routers import SimpleRouter

from catalog.api.views.access import AccessRequestViewSet, GrantViewSet
from catalog.api.views.contracts import ContractViewSet
from catalog.api.views.datasets import DatasetViewSet
from catalog.api.views.descriptors import DescriptorView
from catalog.api.views.domains import DomainViewSet, StewardViewSet
from catalog.api.views.events import EventViewSet
from catalog.api.views.exports import LinkedDataView
from catalog.api.views.following import FollowViewSet, NotificationViewSet
from catalog.api.views.imports import ProductTableView
from catalog.api.views.namespaces import NamespaceClaimViewSet
from catalog.api.views.products import ProductViewSet
from catalog.api.views.push import PushView
from catalog.api.views.quality import CheckViewSet, ObjectiveViewSet
from catalog.api.views.results import QualityResultsView
from catalog.api.views.search import SearchView, SuggestView
from catalog.api.views.teams import MemberViewSet, TeamViewSet
from catalog.api.views.tokens import TokenViewSet
from catalog.api.views.webhooks import WebhookViewSet

router = SimpleRouter(trailing_slash=False)
router.register("domains", DomainViewSet, basename="api-domain")
router.register("teams", TeamViewSet, basename="api-team")
router.register("dataproducts", ProductViewSet, basename="api-product")
router.register("datasets", DatasetViewSet, basename="api-dataset")
router.register("checks", CheckViewSet, basename="api-check")
router.register("objectives", ObjectiveViewSet, basename="api-objective")
router.register("access-requests", AccessRequestViewSet, basename="api-access-request")
router.register("grants", GrantViewSet, basename="api-grant")
router.register("events", EventViewSet, basename="api-event")
router.register("notifications", NotificationViewSet, basename="api-notification")
router.register("follows", FollowViewSet, basename="api-follow")
router.register("tokens", TokenViewSet, basename="api-token")
router.register("namespace-claims", NamespaceClaimViewSet, basename="api-namespace-claim")
router.register("webhooks", WebhookViewSet, basename="api-webhook")

urlpatterns = [
    *router.urls,
    path(
        "domains/<slug:key>/stewards",
        StewardViewSet.as_view({"get": "list"}),
        name="api-domain-steward-list",
    ),
    path(
        "domains/<slug:key>/stewards/<str:username>",
        StewardViewSet.as_view({"put": "update", "delete": "destroy"}),
        name="api-domain-steward",
    ),
    path(
        "teams/<slug:key>/members",
        MemberViewSet.as_view({"get": "list"}),
        name="api-team-member-list",
    ),
    path(
        "teams/<slug:key>/members/<str:username>",
        MemberViewSet.as_view({"get": "retrieve", "put": "update", "delete": "destroy"}),
        name="api-team-member",
    ),
    path("contracts", ContractViewSet.as_view({"get": "list"}), name="api-contract-list"),
    path("contracts/lint", ContractViewSet.as_view({"post": "lint"}), name="api-contract-lint"),
    path(
        "contracts/diff",
        ContractViewSet.as_view({"get": "compare", "post": "diff"}),
        name="api-contract-diff",
    ),
    path(
        "contracts/<path:contractId>/versions",
        ContractViewSet.as_view({"get": "versions"}, pagination_class=None),
        name="api-contract-versions",
    ),
    path(
        "contracts/<path:contractId>",
        ContractViewSet.as_view({"get": "retrieve", "put": "update"}),
        name="api-contract-detail",
    ),
    path("quality-results", QualityResultsView.as_view(), name="api-quality-results"),
    path("push", PushView.as_view(), name="api-push"),
    path("descriptors", DescriptorView.as_view(), name="api-descriptors"),
    path("imports/dataproducts", ProductTableView.as_view(), name="api-import-products"),
    path("exports/dcat", LinkedDataView.as_view(), name="api-export-dcat"),
    path("search", SearchView.as_view(), name="api-search"),
    path("suggest", SuggestView.as_view(), name="api-suggest"),
    path("openapi.yaml", SpectacularYAMLAPIView.as_view(), name="openapi-yaml"),
    path("openapi.json", SpectacularJSONAPIView.as_view(), name="openapi-json"),
]
