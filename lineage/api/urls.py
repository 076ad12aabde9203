"""Addresses of lineage, below /api/v1/."""

from django.urls import path, re_path

from lineage.api.graph import LineageGraphView
from lineage.api.views import DatasetLineageView, ProductLineageView

urlpatterns = [
    re_path(
        r"^dataproducts/(?P<dataProductGUID>[^/\x00]{1,200})/lineage$",
        ProductLineageView.as_view(),
        name="api-product-lineage",
    ),
    path("lineage-graph", LineageGraphView.as_view(), name="api-lineage-graph"),
    path("datasets/<int:id>/lineage", DatasetLineageView.as_view(), name="api-dataset-lineage"),
]
