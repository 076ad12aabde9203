"""Addresses of sources and runs, below /api/v1/."""

from rest_framework.routers import SimpleRouter

from ingestors.api.secrets import SecretViewSet
from ingestors.api.views import RunViewSet, SourceViewSet

router = SimpleRouter(trailing_slash=False)
router.register("sources", SourceViewSet, basename="api-source")
router.register("runs", RunViewSet, basename="api-run")
router.register("secrets", SecretViewSet, basename="api-secret")
urlpatterns = router.urls
