"""What `datacontract` and `dataproduct` call: fixed addresses, exactly 200, a page to open.

Source: datacontract-cli 1.2 and dataproduct-cli 0.3, commands publish and lint.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import conditions, documents
from catalog.api.caller import person
from catalog.api.problems import Invalid
from catalog.api.query import StrictView
from catalog.api.views.contracts import publish_named
from catalog.contracts.products import publish_product
from catalog.contracts.selectors import descriptor_for, document_for, find_contract
from catalog.models import Product
from catalog.registry.outcomes import Problem
from catalog.standards.odcs.contract import ordered


class _ClientView(StrictView):
    def get_parsers(self) -> list[Any]:
        """Take documents as YAML and JSON."""
        return [parser() for parser in documents.PARSERS]

    def get_renderers(self) -> list[Any]:
        """Answer with documents, as JSON unless YAML is asked for."""
        return [
            documents.DocumentRenderer(),
            documents.YamlRenderer(),
            documents.OdcsYamlRenderer(),
            documents.OdpsYamlRenderer(),
            documents.TextYamlRenderer(),
        ]


@extend_schema(exclude=True)
class DataContractView(_ClientView):
    """A contract by its id."""

    takes = {"get": ("version",)}

    def get(self, request: Request, contractId: str) -> Response:
        """Return the contract in force, or the version asked for; 404 where there is none to see."""
        found = find_contract(contractId, request.user, request.query_params.get("version", ""))
        if found is None:
            raise Http404
        document = document_for(found, request.user)
        return conditions.answer_tagged(request, documents.tag_of(document), document)

    def put(self, request: Request, contractId: str) -> Response:
        """Publish a contract."""
        user = person(request)
        done = publish_named(documents.sent(request), contractId, by=user)
        body = document_for(done.contract, user)
        headers = {"ETag": documents.tag_of(body), "location-html": _page(done.contract.product)}
        return Response(body, headers=headers)


@extend_schema(exclude=True)
class DataProductView(_ClientView):
    """A product by the id of its descriptor."""

    def get(self, request: Request, productId: str) -> Response:
        """Return the descriptor it was published with; 404 where there is none to see."""
        rows = Product.objects.visible_to(request.user).filter(guid=productId)
        product = None if "\0" in productId else rows.first()
        document = None if product is None else descriptor_for(product, request.user)
        if document is None:
            raise Http404
        return conditions.answer_tagged(request, documents.tag_of(document), ordered(document))

    def put(self, request: Request, productId: str) -> Response:
        """Publish a product with its ports."""
        user = person(request)
        document = documents.sent(request)
        own = document.content.get("id")
        if own is not None and own != productId:
            raise Invalid([Problem("id", own, f"the address names {productId}")])
        done = publish_product(document, by=user)
        headers = {"location-html": _page(done.product)}
        return Response(document.content, headers=headers)


def _page(product: Product) -> str:
    return settings.PUBLIC_URL + reverse("product", args=[product.domain.key, product.key])
