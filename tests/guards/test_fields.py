"""Fields of documents are told once: models, descriptors, bodies, answers and pages agree with the tables."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from django.db import models
from pydantic import BaseModel
from rest_framework import serializers

from catalog.api.edits import ColumnEditSerializer, DatasetEditSerializer, ProductEditSerializer
from catalog.api.push import PushSerializer
from catalog.api.serializers.datasets import ColumnSerializer, DatasetDetailSerializer
from catalog.api.serializers.products import ProductDetailSerializer
from catalog.descriptors import (
    CheckDescriptor,
    ColumnDescriptor,
    DatasetDescriptor,
    ForeignKey,
    ObjectiveDescriptor,
    PortDescriptor,
    ProductDescriptor,
)
from catalog.fields import (
    COLUMN_FIELDS,
    DATASET_FIELDS,
    PRODUCT_FIELDS,
    DocumentField,
    Way,
    names_by,
)
from catalog.models import Column, Dataset, Product
from catalog.push import forms
from catalog.registry import dataset_rows, product_rows
from portal.views.edit import DATASET_SPECS, PRODUCT_SPECS

#: What rows hold that no document states: who they are, who sees them, when they changed.
KEPT = {"id", "audience", "revision_number", "created_at", "updated_at"}
#: What is measured or derived, by model.
DERIVED: dict[type[models.Model], set[str]] = {
    Product: KEPT | set(product_rows.FRESH),
    Dataset: KEPT
    | {"product", "column_count", "kept_for"}
    | {name.removesuffix("_id") for name in dataset_rows.FRESH},
    Column: {"id", "dataset"},
}
#: The kinds of the edit page, by those of a document.
PAGE_KINDS = {
    "title": "line",
    "line": "line",
    "reference": "line",
    "text": "markdown",
    "choice": "choice",
    "code": "choice",
    "date": "date",
    "tags": "tags",
}
Table = tuple[DocumentField, ...]


def names(fields: Iterable[DocumentField]) -> set[str]:
    return {field.name for field in fields}


@pytest.mark.parametrize(
    ("fields", "descriptor", "model"),
    [
        (PRODUCT_FIELDS, ProductDescriptor, Product),
        (DATASET_FIELDS, DatasetDescriptor, Dataset),
        (COLUMN_FIELDS, ColumnDescriptor, Column),
    ],
)
def test_a_field_of_a_descriptor_or_a_model_stands_in_the_table(
    fields: Table, descriptor: type[BaseModel], model: type[models.Model]
) -> None:
    assert names(fields) == set(descriptor.model_fields)
    own = {*model._meta.concrete_fields, *model._meta.many_to_many}
    stated = {column.name for column in own} - DERIVED[model]
    assert stated == names(field for field in fields if field.kind != "items")


@pytest.mark.parametrize(
    ("fields", "way", "body"),
    [
        (PRODUCT_FIELDS, "put", PushSerializer),
        (PRODUCT_FIELDS, "patch", ProductEditSerializer),
        (DATASET_FIELDS, "patch", DatasetEditSerializer),
        (COLUMN_FIELDS, "patch", ColumnEditSerializer),
    ],
)
def test_bodies_take_what_the_table_says(
    fields: Table, way: Way, body: type[serializers.Serializer[models.Model]]
) -> None:
    assert list(body().fields) == list(names_by(way, fields))


@pytest.mark.parametrize(
    ("fields", "answer", "missing"),
    [
        (PRODUCT_FIELDS, ProductDetailSerializer, {"checks"}),
        (DATASET_FIELDS, DatasetDetailSerializer, {"owner", "primaryKey", "foreignKeys", "viewDefinition"}),
        (COLUMN_FIELDS, ColumnSerializer, {"ordinal", "tags"}),
    ],
)  # fmt: skip
def test_answers_show_what_is_written_under_the_same_names(
    fields: Table, answer: type[serializers.Serializer[models.Model]], missing: set[str]
) -> None:
    shown = answer().fields
    assert {f.rest for f in fields if f.ways and f.rest not in shown} == missing
    plain = (f for f in fields if f.ways and f.rest in shown and f.is_stored_as_text)
    assert {
        f.name: shown[f.rest].source for f in plain if shown[f.rest].source not in ("*", f.name)
    } == {}


@pytest.mark.parametrize(
    ("form", "descriptor"),
    [
        (forms.PORT, PortDescriptor),
        (forms.OBJECTIVE, ObjectiveDescriptor),
        (forms.CHECK, CheckDescriptor),
        (forms.REFERENCE, ForeignKey),
    ],
)
def test_the_parts_of_a_push_are_those_of_their_descriptors(
    form: forms.Form, descriptor: type[BaseModel]
) -> None:
    assert set(form.names.values()) == set(descriptor.model_fields)


def test_the_edit_pages_offer_what_the_table_says() -> None:
    for specs, table in ((PRODUCT_SPECS, PRODUCT_FIELDS), (DATASET_SPECS, DATASET_FIELDS)):
        offered = {spec.name: spec.kind for spec in specs}
        assert offered == {f.name: PAGE_KINDS[f.kind] for f in table if "page" in f.ways}
