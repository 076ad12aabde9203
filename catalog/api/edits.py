"""What a person writes over a product or dataset: the names a GET answers with, as fields of the door."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Model
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied

from catalog.api.bodies import Body, DocumentBody
from catalog.api.problems import Invalid
from catalog.api.push import as_sent
from catalog.fields import COLUMN_FIELDS, DATASET_FIELDS, PRODUCT_FIELDS, DocumentField
from catalog.models import Column, Dataset, Product, User
from catalog.people import policies
from catalog.people.policies import Action
from catalog.registry.edit import edit
from catalog.registry.outcomes import Problem


class EditBody(DocumentBody[Any]):
    """A part of what GET answers with; where a field cannot be written, the message says what can."""

    elsewhere: Mapping[str, str] = {}

    def to_internal_value(self, data: Any) -> Any:
        """Refuse fields that are written in another way, saying which."""
        if isinstance(data, Mapping):
            moved = {name: [self.elsewhere[name]] for name in data if name in self.elsewhere}
            if moved:
                raise serializers.ValidationError(moved)
        return super().to_internal_value(data)


_BY_PUT = "is not changed by PATCH; PUT the product with another {}"


class ProductEditSerializer(EditBody):
    """Fields of a product that people edit."""

    document, way, model = PRODUCT_FIELDS, "patch", Product
    elsewhere = {
        "domain": _BY_PUT.format("readableDataProductKey to move it"),
        "key": _BY_PUT.format("readableDataProductKey to rename it"),
        "readableDataProductKey": _BY_PUT.format("readableDataProductKey to move or rename it"),
        "owner": _BY_PUT.format("owner"),
        "team": _BY_PUT.format("owner"),
        "dataProductGUID": "never changes",
    }

    successor = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=64, help_text="Its GUID."
    )


class ColumnEditSerializer(DocumentBody[Any]):
    """Fields of a column that people edit; `path` says which column."""

    document, way, model = COLUMN_FIELDS, "patch", Column

    path = serializers.CharField(max_length=500)


class DatasetEditSerializer(EditBody):
    """Fields of a dataset that people edit; of its columns, those that are named."""

    document, way, model = DATASET_FIELDS, "patch", Dataset

    columns = ColumnEditSerializer(many=True, required=False)


def edit_product(product: Product, data: object, *, by: User) -> None:
    """Write what a PATCH says over a product. Raises Invalid or PermissionDenied."""
    if not policies.may(by, Action.EDIT_PRODUCT, product):
        raise PermissionDenied("Only the owning team and the domain's stewards edit it.")
    values = _checked(ProductEditSerializer(data=data))
    if "certified" in values and not policies.may(by, Action.CERTIFY, product):
        raise PermissionDenied("Only stewards of the domain and admins certify.")
    changes = {
        field.name: _plain(field, values[field.rest])
        for field in PRODUCT_FIELDS
        if field.rest in values
    }
    if "successor" in values:
        changes["successor"] = _heir(product, values["successor"], by)
    _write(product, changes, by)


def edit_dataset(dataset: Dataset, data: object, *, by: User) -> None:
    """Write what a PATCH says over a dataset and its columns. Raises Invalid or PermissionDenied."""
    if not policies.may(by, Action.EDIT_DATASET, dataset):
        raise PermissionDenied("Only the owning team and the domain's stewards edit it.")
    values = _checked(DatasetEditSerializer(data=data))
    columns = values.pop("columns", ())
    changes = {field.name: values[field.rest] for field in DATASET_FIELDS if field.rest in values}
    known = set(dataset.columns.values_list("path", flat=True)) if columns else set()
    for place, column in enumerate(columns):
        path = column.pop("path")
        if path not in known:
            message = (
                f"there is no such column; there are {', '.join(sorted(known)[:20]) or 'none'}"
            )
            raise Invalid([Problem(f"columns[{place}].path", path, message)])
        changes |= {f"columns[{path}].{name}": value for name, value in column.items()}
    _write(dataset, changes, by)


def _checked(form: Body[Model]) -> dict[str, Any]:
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


def _plain(field: DocumentField, value: Any) -> Any:
    if field.is_null_when_empty and value == "":
        return None
    return value.isoformat() if hasattr(value, "isoformat") else value


def _heir(product: Product, guid: str | None, by: User) -> str:
    if not guid:
        return ""
    heir = Product.objects.visible_to(by).select_related("domain").filter(guid=guid).first()
    if heir is None or heir.pk == product.pk:
        message = "no other product that you may see has this GUID"
        raise Invalid([Problem("successor", guid, message)])
    return str(heir.ref)


def _write(subject: Product | Dataset, changes: Mapping[str, Any], by: User) -> None:
    if not changes:
        return
    outcome = edit(subject, changes=changes, by=by)
    if outcome.status == "refused":
        raise Invalid(as_sent(outcome.problems))
