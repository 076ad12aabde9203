"""Addresses that clients of the standards expect, below /api/."""

from __future__ import annotations

from django.urls import path

from catalog.api.views.clients import DataContractView, DataProductView
from catalog.api.views.results import TestResultsView

urlpatterns = [
    path("datacontracts/<path:contractId>", DataContractView.as_view(), name="client-contract"),
    path("test-results", TestResultsView.as_view(), name="client-results"),
    path("dataproducts/<path:productId>", DataProductView.as_view(), name="client-product"),
]
