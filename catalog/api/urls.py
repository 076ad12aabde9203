"""Addresses of the API, below /api/v1/."""

from __future__ import annotations

from django.urls import path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularYAMLAPIView
from rest_framework.routers import SimpleRouter

from catalog.api.access_views import AccessRequestViewSet, GrantViewSet, TokenViewSet
from catalog.api.search_views import SearchView, SuggestView
from catalog.api.views import (
    DatasetViewSet,
    DomainViewSet,
    EventViewSet,
    ProductViewSet,
    TeamViewSet,
)

router = SimpleRouter(trailing_slash=False)
router.register("domains", DomainViewSet, basename="api-domain")
router.register("teams", TeamViewSet, basename="api-team")
router.register("dataproducts", ProductViewSet, basename="api-product")
router.register("datasets", DatasetViewSet, basename="api-dataset")
router.register("access-requests", AccessRequestViewSet, basename="api-access-request")
router.register("grants", GrantViewSet, basename="api-grant")
router.register("events", EventViewSet, basename="api-event")
router.register("tokens", TokenViewSet, basename="api-token")

urlpatterns = [
    *router.urls,
    path("search", SearchView.as_view(), name="api-search"),
    path("suggest", SuggestView.as_view(), name="api-suggest"),
    path("openapi.yaml", SpectacularYAMLAPIView.as_view(), name="openapi-yaml"),
    path("openapi.json", SpectacularJSONAPIView.as_view(), name="openapi-json"),
]
