"""Contracts: lists, documents in YAML and JSON, versions, judgement."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import conditions, documents, filters
from catalog.api.caller import person
from catalog.api.problems import BadQuery, Invalid
from catalog.api.query import product_named
from catalog.api.schema import IF_MATCH, IF_NONE_MATCH, ONLY_NEW
from catalog.api.serializers.contracts import (
    ComparisonSerializer,
    ContractSerializer,
    DiagnosticSerializer,
    LintSerializer,
)
from catalog.api.tables import Tabled
from catalog.contracts.changes import before_of
from catalog.contracts.publish import Published, judged, publish_contract
from catalog.contracts.selectors import document_for, find_contract, versions_of
from catalog.events import log as event_log
from catalog.models import Contract, User
from catalog.registry.outcomes import Problem
from catalog.standards.diagnostics import Diagnostic, errors
from catalog.standards.odcs.contract import key_of
from catalog.standards.odcs.convert import convert
from catalog.standards.odcs.lint import lint
from catalog.standards.odcs.verdicts import judge
from catalog.standards.odcs.versions import VERSIONS
from catalog.standards.reading import Document
from catalog.standards.versions import current

VERSION = OpenApiParameter("version", str, description="A version; without it the one in force.")
API_VERSION = OpenApiParameter(
    "apiVersion", str, enum=VERSIONS, description="The version of the standard to say it in."
)
PRODUCT = OpenApiParameter("product", str, description="GUID of the product it belongs to.")
PORT = OpenApiParameter("port", str, description="Name of the output port it belongs to.")


class ContractViewSet(Tabled, mixins.ListModelMixin, viewsets.GenericViewSet[Contract]):
    """Contracts of output ports, after the Open Data Contract Standard."""

    serializer_class = ContractSerializer
    filterset_class = filters.ContractFilterSet
    queryset = Contract.objects.none()
    orderings = {"id": "pk", "contractId": "key", "publishedAt": "created_at"}
    takes = {
        "retrieve": ("version", "apiVersion"),
        "update": ("product", "port"),
        "compare": ("contractId", "from", "to"),
    }

    def get_queryset(self) -> QuerySet[Contract]:
        """Return the contracts of products the caller may see."""
        rows = Contract.objects.visible_to(self.request.user)
        return rows.select_related("product__domain")

    def get_parsers(self) -> list[Any]:
        """Take documents as YAML and JSON."""
        return [parser() for parser in documents.PARSERS]

    def get_renderers(self) -> list[Any]:
        """Answer with documents as the caller accepts them."""
        if getattr(self, "action", "") not in {"retrieve", "update"}:
            return super().get_renderers()
        return [
            documents.DocumentRenderer(),
            documents.YamlRenderer(),
            documents.OdcsYamlRenderer(),
            documents.TextYamlRenderer(),
        ]

    @extend_schema(
        parameters=[VERSION, API_VERSION, IF_NONE_MATCH],
        responses={(200, t): OpenApiTypes.OBJECT for t in ("application/json", "application/yaml")},
    )
    def retrieve(self, request: Request, contractId: str) -> Response:
        """Return the document as it was published, or in another version of the standard."""
        found = find_contract(contractId, request.user, request.query_params.get("version", ""))
        if found is None:
            raise Http404
        document = _in_version(request, document_for(found, request.user))
        return conditions.answer_tagged(request, documents.tag_of(document), document)

    @extend_schema(
        parameters=[PRODUCT, PORT, IF_MATCH, ONLY_NEW],
        request=dict.fromkeys(("application/json", "application/yaml"), OpenApiTypes.OBJECT),
        responses={(200, t): OpenApiTypes.OBJECT for t in ("application/json", "application/yaml")},
    )
    def update(self, request: Request, contractId: str) -> Response:
        """Publish a version of a contract; the same again changes nothing."""
        user = person(request)
        document = documents.sent(request)
        with transaction.atomic():
            event_log.lock()
            _check(request, contractId, user)
            done = publish_named(
                document,
                contractId,
                by=user,
                product=product_named(request, user),
                port=request.query_params.get("port", ""),
            )
        body = document_for(done.contract, user)
        return Response(body, headers={"ETag": documents.tag_of(body)})

    @extend_schema(responses=ContractSerializer(many=True), filters=False)
    def versions(self, request: Request, contractId: str) -> Response:
        """List the versions of a contract, the newest first."""
        rows = versions_of(contractId, request.user)
        if not rows:
            raise Http404
        return Response(ContractSerializer(rows, many=True).data)

    @extend_schema(
        request=dict.fromkeys(("application/json", "application/yaml"), OpenApiTypes.OBJECT),
        responses=LintSerializer,
    )
    def lint(self, request: Request) -> Response:
        """Judge a contract without keeping it."""
        person(request)
        return Response(judgement(lint(documents.sent(request))))

    @extend_schema(
        parameters=[
            OpenApiParameter("contractId", str, required=True, description="The contract."),
            OpenApiParameter("from", str, description="A version; without it the one before."),
            OpenApiParameter("to", str, description="A version; without it the one in force."),
        ],
        responses=ComparisonSerializer,
        filters=False,
    )
    def compare(self, request: Request) -> Response:
        """Say what differs between two versions of a contract, and what it means."""
        asked = request.query_params
        rows = versions_of(asked.get("contractId", ""), request.user)
        newer = _chosen(rows, asked.get("to")) or current(rows)
        if newer is None:
            raise Http404
        older = _chosen(rows, asked.get("from")) or before_of(newer.version, rows)
        if older is None:
            raise Http404
        pair = (document_for(row, request.user) for row in (older, newer))
        return Response(ComparisonSerializer(judge(*pair)).data)

    @extend_schema(
        request=dict.fromkeys(("application/json", "application/yaml"), OpenApiTypes.OBJECT),
        responses=ComparisonSerializer,
    )
    def diff(self, request: Request) -> Response:
        """Say what a contract would change if it were published now; nothing is kept."""
        user = person(request)
        document = documents.sent(request)
        judged(document)
        key, version = key_of(document.content)
        rows = versions_of(key, user)
        same = next((row for row in rows if row.version == version), None)
        older = same or before_of(version, rows)
        if older is None:
            raise Http404
        found = judge(document_for(older, user), document.content)
        return Response(ComparisonSerializer(found).data)


def _chosen(rows: list[Contract], version: str | None) -> Contract | None:
    """Return the version asked for; None where none is. Raises Http404 for one that is not there."""
    if not version:
        return None
    for row in rows:
        if row.version == version:
            return row
    raise Http404


def judgement(found: list[Diagnostic]) -> dict[str, Any]:
    """Return how a document was judged, as JSON."""
    rows = DiagnosticSerializer(found, many=True).data
    return {"isValid": not errors(found), "diagnostics": rows}


def publish_named(document: Document, contract_id: str, **said: Any) -> Published:
    """Publish a document at the address of its id. Raises Invalid when they differ."""
    content = document.content
    own = content.get("id", content.get("uuid"))
    if own is not None and own != contract_id:
        raise Invalid([Problem("id", own, f"the address names {contract_id}")])
    return publish_contract(document, **said)


def _check(request: Request, contract_id: str, user: User) -> None:
    if conditions.has_conditions(request):
        seen = find_contract(contract_id, user)
        tag = None if seen is None else documents.tag_of(document_for(seen, user))
        conditions.check_conditions(request, tag)


def _in_version(request: Request, document: dict[str, Any]) -> dict[str, Any]:
    wanted = request.query_params.get("apiVersion")
    if not wanted:
        return document
    try:
        return convert(document, wanted).content
    except ValueError as error:
        raise BadQuery([Problem("apiVersion", wanted, str(error))]) from error
