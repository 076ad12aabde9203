"""Checks with their results, promises with their measurements."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import filters
from catalog.api.caller import person
from catalog.api.pagination import history
from catalog.api.problems import Conflict
from catalog.api.serializers.quality import (
    CheckSerializer,
    MeasurementSerializer,
    NewMeasurementSerializer,
    ProductObjectiveSerializer,
    ResultSerializer,
)
from catalog.api.tables import Tabled
from catalog.descriptors import Indicator
from catalog.models import Check, Measurement, Objective, Product, Result
from catalog.people import policies
from catalog.people.policies import Action
from catalog.trust.objectives import record_measurement


class CheckViewSet(Tabled, viewsets.ReadOnlyModelViewSet[Check]):
    """Rules of quality in force, each with how it ended last."""

    serializer_class = CheckSerializer
    filterset_class = filters.CheckFilterSet
    lookup_value_regex = "[0-9]{1,18}"
    queryset = Check.objects.none()
    orderings = {"id": "pk", "name": "name", "measuredAt": "last_at"}
    paged_actions = ("results",)

    def get_queryset(self) -> QuerySet[Check]:
        """Return the checks whose dataset and product the caller may see."""
        return Check.objects.visible_to(self.request.user).select_related("product")

    @extend_schema(responses=ResultSerializer(many=True), filters=False)
    @action(detail=True)
    def results(self, request: Request, pk: str) -> Response:
        """List how a check ended each time, newest first."""
        return history(
            request, Result.objects.filter(check_rule=self.get_object()), ResultSerializer
        )


class ObjectiveViewSet(Tabled, viewsets.ReadOnlyModelViewSet[Objective]):
    """Promises of products, and whether they are kept."""

    serializer_class = ProductObjectiveSerializer
    filterset_class = filters.ObjectiveFilterSet
    lookup_value_regex = "[0-9]{1,18}"
    queryset = Objective.objects.none()
    orderings = {"id": "pk", "key": "key", "budgetLeft": "budget_left"}
    paged_actions = ("measurements",)

    def get_queryset(self) -> QuerySet[Objective]:
        """Return the promises of products the caller may see."""
        seen = Product.objects.visible_to(self.request.user).values("pk")
        return Objective.objects.filter(product__in=seen).select_related("product__domain")

    @extend_schema(responses=MeasurementSerializer(many=True), filters=False)
    @action(detail=True)
    def measurements(self, request: Request, pk: str) -> Response:
        """List what was observed of a promise, newest first."""
        return history(
            request, Measurement.objects.filter(objective=self.get_object()), MeasurementSerializer
        )

    @extend_schema(request=NewMeasurementSerializer, responses={201: ProductObjectiveSerializer})
    @measurements.mapping.post
    def measure(self, request: Request, pk: str) -> Response:
        """Say what was measured outside of a promise whose indicator is `custom`."""
        user, objective = person(request), self.get_object()
        if not policies.may(user, Action.PUBLISH_PRODUCT, objective.product):
            raise PermissionDenied("A token of an owner or engineer of its team is needed.")
        form = NewMeasurementSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        if objective.indicator != Indicator.CUSTOM:
            raise Conflict(f"The {objective.indicator} of a product is measured at each harvest.")
        at = form.validated_data["measuredAt"] or timezone.now()
        fresh = record_measurement(objective, value=form.validated_data["value"], at=at)
        return Response(self.get_serializer(fresh).data, status=status.HTTP_201_CREATED)
