"""Reading the mesh, and pushing products into it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from catalog import policies
from catalog.api import filters, serializers
from catalog.api.problems import ChangedMeanwhile, Conflict, Invalid
from catalog.api.push import PushSerializer, descriptor_of, owning_team
from catalog.descriptors import LayerKind
from catalog.models import Dataset, Domain, Event, Product, Team, User
from catalog.policies import Action
from catalog.registry.apply import apply
from catalog.registry.edit import EditConflict, edit
from catalog.registry.outcomes import Problem
from catalog.registry.remove import remove_product


def person(request: Request) -> User:
    """Return who calls; raise NotAuthenticated for nobody."""
    if not isinstance(request.user, User):
        raise NotAuthenticated("Sign in, or send a token as Authorization: Bearer … or x-api-key.")
    return request.user


class DomainViewSet(viewsets.ReadOnlyModelViewSet[Domain]):
    """The business areas of the mesh."""

    serializer_class = serializers.DomainSerializer
    filterset_class = filters.DomainFilterSet
    lookup_field = "key"
    queryset = Domain.objects.none()

    def get_queryset(self) -> QuerySet[Domain]:
        """Return the domains the caller may see."""
        return Domain.objects.visible_to(self.request.user).select_related("parent")


class TeamViewSet(viewsets.ReadOnlyModelViewSet[Team]):
    """The teams that own products."""

    serializer_class = serializers.TeamSerializer
    filterset_class = filters.TeamFilterSet
    lookup_field = "key"
    queryset = Team.objects.none()

    def get_queryset(self) -> QuerySet[Team]:
        """Return the teams of domains the caller may see, and those of no domain."""
        seen = Domain.objects.visible_to(self.request.user)
        rows = Team.objects.filter(domain__in=seen) | Team.objects.filter(domain__isnull=True)
        return rows.select_related("domain")


class ProductViewSet(viewsets.ReadOnlyModelViewSet[Product]):
    """Data products, found by their GUID."""

    serializer_class = serializers.ProductSerializer
    filterset_class = filters.ProductFilterSet
    lookup_field = "guid"
    lookup_url_kwarg = "dataProductGUID"
    lookup_value_regex = "[^/]{1,200}"
    queryset = Product.objects.none()

    def get_queryset(self) -> QuerySet[Product]:
        """Return the products the caller may see."""
        rows = Product.objects.visible_to(self.request.user).with_summary()
        rows = rows.select_related("domain", "team", "successor")
        return rows.prefetch_related("ports", "objectives") if self.detail else rows

    def get_serializer_class(self) -> type[BaseSerializer[Product]]:
        """Answer with ports and promises for a single product."""
        return serializers.ProductDetailSerializer if self.detail else self.serializer_class

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return one product; 304 when the caller holds this revision."""
        product = self.get_object()
        tag = f'"{product.revision_number}"'
        if request.headers.get("If-None-Match") == tag:
            return Response(status=status.HTTP_304_NOT_MODIFIED, headers={"ETag": tag})
        return Response(self.get_serializer(product).data, headers={"ETag": tag})

    @extend_schema(request=PushSerializer, responses=serializers.ProductDetailSerializer)
    def update(self, request: Request, dataProductGUID: str) -> Response:
        """Register a product (201) or say again what it is (200); unchanged makes no revision."""
        user = person(request)
        form = PushSerializer(data=request.data, context={"guid": dataProductGUID})
        form.is_valid(raise_exception=True)
        team = owning_team(form.validated_data["owner"], user)
        self._may_push(user, team, dataProductGUID)
        descriptor = descriptor_of(form.validated_data, team)
        self._check_version(request, dataProductGUID)
        applied = apply([descriptor], layer=LayerKind.DECLARED, source=f"push:{team.key}", by=user)
        outcome = applied.outcomes[0]
        if outcome.status == "refused":
            raise Invalid(outcome.problems)
        product = self._whole(outcome.id)
        body = serializers.ProductDetailSerializer(product, context={"request": request}).data
        code = status.HTTP_201_CREATED if outcome.status == "created" else status.HTTP_200_OK
        headers = {"ETag": f'"{product.revision_number}"'}
        if code == status.HTTP_201_CREATED:
            headers["Location"] = request.build_absolute_uri(request.path)
        return Response(body, status=code, headers=headers)

    @extend_schema(request=dict[str, Any], responses=serializers.ProductDetailSerializer)
    def partial_update(self, request: Request, dataProductGUID: str) -> Response:
        """Edit fields as a person, over what is declared and harvested."""
        user = person(request)
        product = self.get_object()
        if not policies.may(user, Action.EDIT_PRODUCT, product):
            raise PermissionDenied("Only the owning team and the domain's stewards edit it.")
        if not isinstance(request.data, dict):
            raise Invalid([Problem("", None, "write an object of fields")])
        base = self._check_version(request, dataProductGUID)
        try:
            outcome = edit(product, changes=request.data, by=user, base_revision=base)
        except EditConflict as conflict:
            raise Conflict(str(conflict)) from conflict
        if outcome.status == "refused":
            raise Invalid(outcome.problems)
        fresh = self._whole(product.pk)
        body = serializers.ProductDetailSerializer(fresh, context={"request": request}).data
        return Response(body, headers={"ETag": f'"{fresh.revision_number}"'})

    def destroy(self, request: Request, dataProductGUID: str) -> Response:
        """Delete a product; what people wrote comes back if it is registered again."""
        user = person(request)
        product = self.get_object()
        if not policies.may(user, Action.DELETE_PRODUCT, product):
            raise PermissionDenied("Only an owner of the owning team deletes it.")
        self._check_version(request, dataProductGUID)
        remove_product(product, by=user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _may_push(self, user: User, team: Team, guid: str) -> None:
        known = Product.objects.select_related("domain", "team").filter(guid=guid).first()
        allowed = policies.teams_where(user, Action.PUBLISH_PRODUCT)
        may_team = allowed is None or team.pk in allowed
        may_known = known is None or policies.may(user, Action.PUBLISH_PRODUCT, known)
        if not (may_team and may_known):
            raise PermissionDenied(
                f"A token of an owner or engineer of {team.name}, or of an admin, is needed."
            )

    def _check_version(self, request: Request, guid: str) -> int | None:
        wanted = request.headers.get("If-Match", "").strip()
        if not wanted or wanted == "*":
            return None
        row = Product.objects.visible_to(request.user).filter(guid=guid).first()
        if row is None or wanted.strip('"') != str(row.revision_number):
            raise ChangedMeanwhile
        return row.revision_number

    def _whole(self, pk: int | None) -> Product:
        rows = Product.objects.select_related("domain", "team", "successor")
        return rows.prefetch_related("tags", "ports", "objectives").get(pk=pk or 0)


class DatasetViewSet(viewsets.ReadOnlyModelViewSet[Dataset]):
    """Datasets, found by id or by `?namespace=&name=`."""

    serializer_class = serializers.DatasetSerializer
    filterset_class = filters.DatasetFilterSet
    queryset = Dataset.objects.none()

    def get_queryset(self) -> QuerySet[Dataset]:
        """Return the datasets the caller may see."""
        rows = Dataset.objects.visible_to(self.request.user).select_related("domain", "product")
        return rows.prefetch_related("columns") if self.detail else rows

    def get_serializer_class(self) -> type[BaseSerializer[Dataset]]:
        """Answer with columns for a single dataset."""
        return serializers.DatasetDetailSerializer if self.detail else self.serializer_class

    @extend_schema(responses=dict[str, Any])
    @action(detail=True)
    def profile(self, request: Request, pk: str) -> Response:
        """Return what the last harvest measured, column by column."""
        dataset = self.get_object()
        found = getattr(dataset, "profile", None)
        if found is None:
            return Response({"observedAt": None, "columns": [], "notes": []})
        body = {
            "observedAt": found.observed_at,
            "rowsProfiled": found.rows_profiled,
            "columns": found.columns,
            "notes": found.notes,
        }
        return Response(body)

    @extend_schema(responses=dict[str, Any])
    @action(detail=True)
    def sample(self, request: Request, pk: str) -> Response:
        """Return the masked sample; of a gated product only with a grant."""
        dataset = Dataset.objects.select_related("product", "domain", "sample").get(
            pk=self.get_object().pk
        )
        if not policies.may(request.user, Action.OPEN_SAMPLE, dataset):
            raise PermissionDenied("This sample opens with a grant; request access first.")
        found = getattr(dataset, "sample", None)
        if found is None:
            return Response({"takenAt": None, "columns": [], "rows": [], "masked": {}})
        body = {
            "takenAt": found.taken_at,
            "columns": found.columns,
            "rows": found.rows,
            "masked": found.masked,
        }
        return Response(body)


class EventViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Event]):
    """What happened, oldest first; go on with `?after=` the last id you read."""

    serializer_class = serializers.EventSerializer
    filterset_class = filters.EventFilterSet
    queryset = Event.objects.none()

    def get_queryset(self) -> QuerySet[Event]:
        """Return the events the caller may see."""
        return Event.objects.visible_to(self.request.user).order_by("id")

    @extend_schema(parameters=[OpenApiParameter("after", int)])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List events."""
        return super().list(request, *args, **kwargs)
