"""Addresses that clients of the standards expect, below /api/."""

from __future__ import annotations

from django.urls import path

from catalog.api.views.clients import DataContractView, DataProductView

urlpatterns = [
    path("datacontracts/<path:contractId>", DataContractView.as_view(), name="client-contract"),
    path("dataproducts/<path:productId>", DataProductView.as_view(), name="client-product"),
]
