"""Addresses, below /api/v1/, that stand before all others: those of Marquez, and the one it shares with our own."""

from __future__ import annotations

from django.urls import include, path

from lineage.api.events import EventView
from lineage.marquez.views import MarquezGraphView


class LineageView(EventView, MarquezGraphView):
    """Take an OpenLineage event (POST), or draw the graph around a node as Marquez does (GET)."""


urlpatterns = [
    path("lineage", LineageView.as_view(), name="api-lineage"),
    path("", include("lineage.marquez.urls")),
]
