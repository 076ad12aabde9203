"""Where the API begins, and the page that documents it."""

from django.urls import path
from drf_spectacular.views import SpectacularYAMLAPIView

from portal.views import api

urlpatterns = [
    path("api/v1/", api.Index.as_view(), name="api-index"),
    path("api/docs", api.docs, name="api-docs"),
    path("api/schema", SpectacularYAMLAPIView.as_view(), name="api-schema"),
]
