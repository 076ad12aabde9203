"""Datasets: reading and editing."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from catalog.api import conditions, filters
from catalog.api.caller import person
from catalog.api.edits import DatasetEditSerializer, edit_dataset
from catalog.api.schema import IF_MATCH, IF_NONE_MATCH
from catalog.api.serializers.datasets import (
    DatasetDetailSerializer,
    DatasetSerializer,
    ProfileSerializer,
    SampleSerializer,
)
from catalog.api.tables import Tabled
from catalog.events import log as event_log
from catalog.models import Dataset
from catalog.people import policies
from catalog.people.policies import Action


class DatasetViewSet(Tabled, viewsets.ReadOnlyModelViewSet[Dataset]):
    """Datasets, found by id or by `?namespace=&name=`."""

    serializer_class = DatasetSerializer
    filterset_class = filters.DatasetFilterSet
    lookup_value_regex = "[0-9]{1,18}"
    queryset = Dataset.objects.none()
    orderings = {
        "id": "pk",
        "displayName": "display_name",
        "rowCount": "row_count",
        "qualityScore": "quality_score",
        "dataUpdatedAt": "data_updated_at",
    }

    def get_queryset(self) -> QuerySet[Dataset]:
        """Return the datasets the caller may see."""
        rows = Dataset.objects.visible_to(self.request.user).select_related("domain")
        rows = rows.prefetch_related("tags")
        return rows.prefetch_related("columns") if self.detail else rows

    def get_serializer_class(self) -> type[BaseSerializer[Dataset]]:
        """Answer with columns for a single dataset."""
        return DatasetDetailSerializer if self.detail else self.serializer_class

    @extend_schema(parameters=[IF_NONE_MATCH])
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return one dataset; 304 when the caller holds just this (If-None-Match)."""
        return conditions.answer(request, self._body(self.get_object()))

    @extend_schema(
        parameters=[IF_MATCH], request=DatasetEditSerializer, responses=DatasetDetailSerializer
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        """Edit fields as a person, over what is harvested; of `columns` only those named."""
        user = person(request)
        self.get_object()
        with transaction.atomic():
            event_log.lock()
            Dataset.objects.select_for_update(of=("self",)).filter(pk=pk).first()
            dataset = self.get_object()
            if conditions.has_conditions(request):
                conditions.check_conditions(request, conditions.tag_of(self._body(dataset)))
            edit_dataset(dataset, request.data, by=user)
            body = self._body(self._fresh(dataset))
            return Response(body, headers={"ETag": conditions.tag_of(body)})

    @extend_schema(responses=ProfileSerializer)
    @action(detail=True)
    def profile(self, request: Request, pk: str) -> Response:
        """Return what the last harvest measured, column by column."""
        dataset = self.get_object()
        found = getattr(dataset, "profile", None)
        if found is None:
            return Response({"observedAt": None, "rowsProfiled": None, "columns": [], "notes": []})
        body = {
            "observedAt": found.observed_at,
            "rowsProfiled": found.rows_profiled,
            "columns": found.columns,
            "notes": found.notes,
        }
        return Response(body)

    @extend_schema(responses=SampleSerializer)
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

    def _fresh(self, dataset: Dataset) -> Dataset:
        rows = Dataset.objects.select_related("domain").prefetch_related("tags", "columns")
        return rows.get(pk=dataset.pk)

    def _body(self, dataset: Dataset) -> dict[str, Any]:
        return dict(DatasetDetailSerializer(dataset, context={"request": self.request}).data)
