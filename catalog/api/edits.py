"""What a person writes over a product or dataset: the names a GET answers with, as fields of the door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Model
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied

from catalog.api.bodies import Body, MomentField, texts
from catalog.api.problems import Invalid
from catalog.api.push import as_sent
from catalog.models import Dataset, Product, User
from catalog.models.datasets import SENSITIVITY_CHOICES
from catalog.models.domains import VISIBILITY_CHOICES
from catalog.models.products import ARCHETYPE_CHOICES, CLASSIFICATION_CHOICES, STATUS_CHOICES
from catalog.people import policies
from catalog.people.policies import Action
from catalog.push.forms import NAMES
from catalog.registry.edit import edit
from catalog.registry.outcomes import Problem

#: Fields that say nothing when they are empty.
_UNSAID = frozenset({"archetype", "classification", "visibility"})


class EditBody(Body[Any]):
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


def _choice(choices: Sequence[tuple[str, str]], **kwargs: Any) -> serializers.ChoiceField:
    return serializers.ChoiceField(choices=choices, required=False, **kwargs)


class ProductEditSerializer(EditBody):
    """Fields of a product that people edit."""

    elsewhere = {
        "domain": _BY_PUT.format("readableDataProductKey to move it"),
        "key": _BY_PUT.format("readableDataProductKey to rename it"),
        "readableDataProductKey": _BY_PUT.format("readableDataProductKey to move or rename it"),
        "owner": _BY_PUT.format("owner"),
        "team": _BY_PUT.format("owner"),
        "dataProductGUID": "never changes",
    }

    displayname = serializers.CharField(required=False, max_length=200)
    description = serializers.CharField(required=False, allow_blank=True, max_length=100_000)
    createDate = MomentField(required=False, allow_null=True)
    status = _choice(STATUS_CHOICES)
    archetype = _choice(ARCHETYPE_CHOICES, allow_blank=True, allow_null=True)
    version = serializers.CharField(required=False, allow_blank=True, max_length=40)
    tags = texts(required=False)
    classification = _choice(CLASSIFICATION_CHOICES, allow_blank=True, allow_null=True)
    visibility = _choice(VISIBILITY_CHOICES, allow_blank=True, allow_null=True)
    support = serializers.CharField(required=False, allow_blank=True, max_length=500)
    sourceCodeLocation = serializers.CharField(required=False, allow_blank=True, max_length=1000)
    requiredSecurityGroup = serializers.CharField(required=False, allow_blank=True, max_length=500)
    successor = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=64, help_text="Its GUID."
    )
    sunsetOn = serializers.DateField(required=False, allow_null=True)
    certified = serializers.BooleanField(required=False)


class ColumnEditSerializer(Body[Any]):
    """Fields of a column that people edit; `path` says which column."""

    path = serializers.CharField(max_length=500)
    description = serializers.CharField(required=False, allow_blank=True, max_length=100_000)
    sensitivity = _choice(SENSITIVITY_CHOICES)
    unmasked = serializers.BooleanField(required=False)


class DatasetEditSerializer(EditBody):
    """Fields of a dataset that people edit; of its columns, those that are named."""

    displayName = serializers.CharField(required=False, max_length=300)
    description = serializers.CharField(required=False, allow_blank=True, max_length=100_000)
    tags = texts(required=False)
    columns = ColumnEditSerializer(many=True, required=False)


def edit_product(product: Product, data: object, *, by: User) -> None:
    """Write what a PATCH says over a product. Raises Invalid or PermissionDenied."""
    if not policies.may(by, Action.EDIT_PRODUCT, product):
        raise PermissionDenied("Only the owning team and the domain's stewards edit it.")
    said = _checked(ProductEditSerializer(data=data))
    if "certified" in said and not policies.may(by, Action.CERTIFY, product):
        raise PermissionDenied("Only stewards of the domain and admins certify.")
    names = {**NAMES, "sunsetOn": "sunset_on", "certified": "certified"}
    changes = {names[name]: _plain(name, said[name]) for name in said if name in names}
    if "successor" in said:
        changes["successor"] = _heir(product, said["successor"], by)
    _write(product, changes, by)


def edit_dataset(dataset: Dataset, data: object, *, by: User) -> None:
    """Write what a PATCH says over a dataset and its columns. Raises Invalid or PermissionDenied."""
    if not policies.may(by, Action.EDIT_DATASET, dataset):
        raise PermissionDenied("Only the owning team and the domain's stewards edit it.")
    said = _checked(DatasetEditSerializer(data=data))
    names = {"displayName": "display_name", "description": "description", "tags": "tags"}
    changes = {names[name]: said[name] for name in said if name in names}
    known = set(dataset.columns.values_list("path", flat=True)) if said.get("columns") else set()
    for place, column in enumerate(said.get("columns", ())):
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


def _plain(name: str, value: Any) -> Any:
    if name in _UNSAID and value == "":
        return None
    return value.isoformat() if hasattr(value, "isoformat") else value


def _heir(product: Product, guid: str | None, by: User) -> str:
    if not guid:
        return ""
    heir = Product.objects.visible_to(by).select_related("domain").filter(guid=guid).first()
    if heir is None or heir.pk == product.pk:
        said = "no other product that you may see has this GUID"
        raise Invalid([Problem("successor", guid, said)])
    return str(heir.ref)


def _write(subject: Product | Dataset, changes: Mapping[str, Any], by: User) -> None:
    if not changes:
        return
    outcome = edit(subject, changes=changes, by=by)
    if outcome.status == "refused":
        raise Invalid(as_sent(outcome.problems))
