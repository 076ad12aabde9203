"""Addresses of lineage, below /api/v1/."""

from django.urls import path, re_path
from rest_framework.routers import SimpleRouter

from lineage.api.events import BatchView
from lineage.api.graph import LineageGraphView
from lineage.api.graph_questions import (
    CausesView,
    ChangesView,
    MeshView,
    PathsView,
    ProblemsView,
)
from lineage.api.impact import ImpactNotifyView, ImpactTableView, ImpactView
from lineage.api.manual import DrawnEdgeViewSet
from lineage.api.short_lineage import DatasetLineageView, ProductLineageView
from lineage.api.sql import SqlLineageView

router = SimpleRouter(trailing_slash=False)
router.register("lineage-edges", DrawnEdgeViewSet, basename="api-lineage-edge")

urlpatterns = [
    *router.urls,
    path("lineage/batch", BatchView.as_view(), name="api-lineage-batch"),
    re_path(
        r"^dataproducts/(?P<dataProductGUID>[^/\x00]{1,200})/lineage$",
        ProductLineageView.as_view(),
        name="api-product-lineage",
    ),
    path("lineage-graph", LineageGraphView.as_view(), name="api-lineage-graph"),
    path("lineage/sql", SqlLineageView.as_view(), name="api-lineage-sql"),
    path("lineage-paths", PathsView.as_view(), name="api-lineage-paths"),
    path("lineage-causes", CausesView.as_view(), name="api-lineage-causes"),
    path("lineage-changes", ChangesView.as_view(), name="api-lineage-changes"),
    path("lineage-problems", ProblemsView.as_view(), name="api-lineage-problems"),
    path("lineage-mesh", MeshView.as_view(), name="api-lineage-mesh"),
    path("lineage-impact", ImpactView.as_view(), name="api-lineage-impact"),
    path("lineage-impact/notify", ImpactNotifyView.as_view(), name="api-lineage-impact-notify"),
    path("lineage-impact.csv", ImpactTableView.as_view(), name="api-lineage-impact-csv"),
    path("datasets/<int:id>/lineage", DatasetLineageView.as_view(), name="api-dataset-lineage"),
]
