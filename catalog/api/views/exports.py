"""Exports of the mesh as a whole: linked data."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from catalog.api.conditions import answer_tagged
from catalog.api.problems import BadQuery
from catalog.api.query import StrictView, choice
from catalog.api.renderers import ProblemRenderer
from catalog.api.schema import IF_NONE_MATCH
from catalog.exports.linked_data import MEDIA_TYPES, Form, linked_data, tag_of
from catalog.models import Domain, Product
from catalog.registry.outcomes import Problem

PARAMETERS = [
    OpenApiParameter("product", str, description="GUID of one product."),
    OpenApiParameter("domain", str, description="Key of a domain; those below it belong to it."),
    OpenApiParameter(
        "format", str, enum=list(MEDIA_TYPES), description="Goes before the header Accept."
    ),
    IF_NONE_MATCH,
]


class JsonLdRenderer(JSONRenderer):
    """`application/ld+json`."""

    media_type = MEDIA_TYPES["jsonld"]
    format = "jsonld"


class PlainJsonRenderer(JSONRenderer):
    """`application/json`, whose answer is JSON-LD all the same."""

    format = "jsonld"


class TurtleRenderer(ProblemRenderer):
    """`text/turtle`; a problem stays JSON."""

    media_type = MEDIA_TYPES["turtle"]
    format = "turtle"


class LinkedDataView(StrictView):
    """Products as DCAT 3 and DPROD."""

    takes = {"get": ("product", "domain", "format")}
    renderer_classes = [JsonLdRenderer, PlainJsonRenderer, TurtleRenderer]

    @extend_schema(
        operation_id="export_dcat",
        parameters=PARAMETERS,
        responses={
            (200, MEDIA_TYPES["jsonld"]): OpenApiTypes.OBJECT,
            (200, MEDIA_TYPES["turtle"]): OpenApiTypes.STR,
        },
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Export a product, a domain or everything you may see as DCAT 3 and DPROD: JSON-LD or Turtle."""
        rows = _chosen(request)
        form = _form(request)
        base = settings.PUBLIC_URL
        tag = tag_of(rows, request.user, form=form, base=base)
        if answer_tagged(request, tag, None).status_code == 304:
            return HttpResponse(status=304, headers={"ETag": tag, "Vary": "Accept"})
        pieces = linked_data(rows, request.user, form=form, base=base)
        kind = MEDIA_TYPES[form]
        answer = StreamingHttpResponse(pieces, content_type=f"{kind}; charset=utf-8")
        answer["ETag"] = tag
        answer["Content-Disposition"] = f'inline; filename="catalog.{_ENDINGS[form]}"'
        return answer


_ENDINGS: Mapping[Form, str] = {"jsonld": "jsonld", "turtle": "ttl"}


def _form(request: Request) -> Form:
    if "format" in request.query_params:
        return choice(request, "format", tuple(MEDIA_TYPES))
    return "turtle" if request.accepted_renderer.format == "turtle" else "jsonld"


def _chosen(request: Request) -> QuerySet[Product]:
    """Return what is asked for, of what the caller may see. Raises Http404, BadQuery."""
    rows = Product.objects.visible_to(request.user)
    guid, domain = request.query_params.get("product"), request.query_params.get("domain")
    if guid is not None and domain is not None:
        raise BadQuery([Problem("domain", domain, "give a product or a domain, not both")])
    if guid is not None:
        if not (found := rows.filter(guid=guid)).exists():
            raise Http404
        return found
    if domain is not None:
        seen = Domain.objects.visible_to(request.user).filter(key=domain).first()
        if seen is None:
            raise Http404
        return rows.filter(domain__path__startswith=seen.path)
    return rows
