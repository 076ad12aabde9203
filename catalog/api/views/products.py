"""Data products: reading, registering, editing."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from catalog.access.redaction import read_state
from catalog.api import conditions, filters
from catalog.api.caller import person
from catalog.api.edits import ProductEditSerializer, edit_product
from catalog.api.pagination import history
from catalog.api.problems import BadQuery, refusal
from catalog.api.push import PushSerializer, as_sent, descriptor_of, owning_team
from catalog.api.query import read_moment
from catalog.api.schema import IF_MATCH, IF_NONE_MATCH, ONLY_NEW
from catalog.api.serializers.products import ProductDetailSerializer, ProductSerializer
from catalog.api.serializers.quality import ScoreSerializer
from catalog.api.serializers.states import StateSerializer
from catalog.api.tables import Tabled
from catalog.descriptors import LayerKind
from catalog.events import log as event_log
from catalog.models import Product, Score, Team, User
from catalog.people import policies
from catalog.people.authority import PersonAuthority
from catalog.people.policies import Action
from catalog.registry.apply import apply
from catalog.registry.outcomes import Problem
from catalog.registry.remove import remove_product


class ProductViewSet(Tabled, viewsets.ReadOnlyModelViewSet[Product]):
    """Data products, found by their GUID."""

    serializer_class = ProductSerializer
    filterset_class = filters.ProductFilterSet
    lookup_field = "guid"
    lookup_url_kwarg = "dataProductGUID"
    lookup_value_regex = "[^/\\x00]{1,200}"
    queryset = Product.objects.none()
    orderings = {
        "id": "pk",
        "displayname": "name",
        "qualityScore": "quality_score",
        "consumerCount": "consumer_count",
        "dataUpdatedAt": "data_updated_at",
        "updatedAt": "updated_at",
    }
    paged_actions = ("scores",)
    takes = {"state": ("asOf", "since")}

    def get_queryset(self) -> QuerySet[Product]:
        """Return the products the caller may see."""
        rows = Product.objects.visible_to(self.request.user).with_summary()
        return rows.prefetch_related("ports", "objectives") if self.detail else rows

    def get_serializer_class(self) -> type[BaseSerializer[Product]]:
        """Answer with ports and promises for a single product."""
        return ProductDetailSerializer if self.detail else self.serializer_class

    @extend_schema(parameters=[IF_NONE_MATCH])
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return one product; 304 when the caller holds just this (If-None-Match)."""
        return conditions.answer(request, self._body(self.get_object()))

    @extend_schema(
        parameters=[IF_MATCH, ONLY_NEW],
        request=PushSerializer,
        responses={200: ProductDetailSerializer, 201: ProductDetailSerializer},
    )
    def update(self, request: Request, dataProductGUID: str) -> Response:
        """Register a product (201) or say again what it is (200); unchanged makes no revision."""
        user = person(request)
        form = PushSerializer(data=request.data, context={"guid": dataProductGUID})
        form.is_valid(raise_exception=True)
        team = owning_team(form.validated_data["owner"], user)
        descriptor = descriptor_of(form.validated_data, team)
        with transaction.atomic():
            known = self._hold(dataProductGUID)
            self._may_push(user, team, known)
            self._check(request, known)
            source = f"push:{team.key}"
            applied = apply(
                [descriptor],
                layer=LayerKind.DECLARED,
                source=source,
                authority=PersonAuthority(user),
                by=user,
            )
            outcome = applied.outcomes[0]
            if outcome.status == "refused":
                raise refusal(as_sent(outcome.problems))
            answer = self._answer(outcome.id)
        if outcome.status == "created":
            answer.status_code = status.HTTP_201_CREATED
            answer["Location"] = request.build_absolute_uri(request.path)
        return answer

    @extend_schema(
        parameters=[IF_MATCH], request=ProductEditSerializer, responses=ProductDetailSerializer
    )
    def partial_update(self, request: Request, dataProductGUID: str) -> Response:
        """Edit fields as a person, over what is declared and harvested."""
        user = person(request)
        self.get_object()
        with transaction.atomic():
            self._hold(dataProductGUID)
            product = self.get_object()
            self._check(request, product)
            edit_product(product, request.data, by=user)
            return self._answer(product.pk)

    @extend_schema(parameters=[IF_MATCH])
    def destroy(self, request: Request, dataProductGUID: str) -> Response:
        """Delete a product; what people wrote comes back if it is registered again."""
        user = person(request)
        with transaction.atomic():
            self._hold(dataProductGUID)
            product = self.get_object()
            if not policies.may(user, Action.DELETE_PRODUCT, product):
                raise PermissionDenied("Only an owner of the owning team deletes it.")
            self._check(request, product)
            remove_product(product, by=user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses=ScoreSerializer(many=True), filters=False)
    @action(detail=True, url_name="scores")
    def scores(self, request: Request, dataProductGUID: str) -> Response:
        """List how its quality was measured, newest first, each with its arithmetic."""
        rows = Score.objects.filter(product=self.get_object())
        return history(request, rows, ScoreSerializer)

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "asOf", str, description="A moment or day (ISO 8601); now without it."
            ),
            OpenApiParameter(
                "since", str, description="Also what changed since this moment or day."
            ),
        ],
        responses=StateSerializer,
        filters=False,
    )
    @action(detail=True, url_name="state")
    def state(self, request: Request, dataProductGUID: str) -> Response:
        """Return what was stated of it at a time, and what changed since another; 404 before it was registered."""
        product, at = self.get_object(), read_moment(request, "asOf") or timezone.now()
        since = read_moment(request, "since")
        if since is not None and since > at:
            raise BadQuery([Problem("since", since.isoformat(), "lies after asOf")])
        then = read_state(product, request.user, at, since)
        if then is None:
            raise Http404("it was not registered then")
        return Response(StateSerializer(then).data)

    def _hold(self, guid: str) -> Product | None:
        """Let nobody else change a product until the transaction ends; return it as it is now."""
        event_log.lock()
        rows = Product.objects.select_for_update(of=("self",)).filter(guid=guid)
        return rows.select_related("domain", "team").first()

    def _check(self, request: Request, product: Product | None) -> None:
        """Compare what the caller holds with what is there for them to see."""
        if not conditions.has_conditions(request):
            return
        seen = None if product is None else self.get_queryset().filter(pk=product.pk).first()
        tag = None if seen is None else conditions.tag_of(self._body(seen))
        conditions.check_conditions(request, tag)

    def _may_push(self, user: User, team: Team, known: Product | None) -> None:
        allowed = policies.teams_where(user, Action.PUBLISH_PRODUCT)
        may_team = allowed is None or team.pk in allowed
        seen = Product.objects.visible_to(user).filter(pk=known.pk).first() if known else None
        may_known = seen is None or policies.may(user, Action.PUBLISH_PRODUCT, seen)
        if not (may_team and may_known):
            raise PermissionDenied(
                f"A token of an owner or engineer of {team.name}, or of an admin, is needed."
            )

    def _body(self, product: Product) -> dict[str, Any]:
        return dict(ProductDetailSerializer(product, context={"request": self.request}).data)

    def _answer(self, pk: int | None) -> Response:
        rows = Product.objects.with_summary().prefetch_related("ports", "objectives")
        body = self._body(rows.get(pk=pk or 0))
        return Response(body, headers={"ETag": conditions.tag_of(body)})
