"""Which tables an archive holds, and how their values look in it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.apps.registry import Apps
from django.db import connection, models
from django.utils.duration import duration_iso_string

#: Tables that stay behind, and why; every other table of every model is kept.
LEFT_OUT: Mapping[str, str] = {
    "catalog_searchdocument": "the search index is built anew",
    "catalog_searchchange": "the search index is built anew",
    "catalog_searchword": "the search index is built anew",
    "catalog_searchproducttext": "the search index is built anew",
    "catalog_searchdatasettext": "the search index is built anew",
    "catalog_deadletter": "the search index is built anew",
    "django_session": "people sign in again",
    "portal_signinfailure": "counts for a quarter of an hour alone",
    "ingestors_worker": "workers make themselves known",
    "portal_backup": "tells of archives of the installation that wrote them",
    "django_migrations": "the manifest tells them",
}
#: Cursors whose names begin like this belong to search indexes, which are built anew.
OF_THE_INDEX = "search"
#: Tables that `migrate` and the first worker fill; the rows of the archive replace theirs.
REPLACED = frozenset({"django_content_type", "auth_permission", "ingestors_chore"})


def kept_models(apps: Any) -> list[type[models.Model]]:
    """Return the models whose tables an archive holds, by table; `apps` may be those of an older state."""
    registry: Apps = apps
    found = {
        model._meta.db_table: model
        for model in registry.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    }
    return [found[table] for table in sorted(found) if table not in LEFT_OUT]


def columns_of(model: type[models.Model]) -> dict[str, models.Field[Any, Any]]:
    """Return the fields that are columns, by column, in order."""
    return {field.column: field for field in model._meta.concrete_fields if field.column}


def as_json(value: Any) -> Any:
    """Return a value as an archive keeps it: times in ISO 8601, decimals as text, bytes as base64."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return duration_iso_string(value)
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    if isinstance(value, dict | list):
        return value
    return str(value)


def from_json(field: models.Field[Any, Any]) -> Callable[[Any], Any] | None:
    """Return what turns a value of an archive into one a column takes; None: it is taken as it is."""
    target: models.Field[Any, Any] = field
    while isinstance(target, models.ForeignKey):
        target = target.target_field
    if isinstance(target, models.JSONField):
        nullable = field.null

        def document(value: Any) -> Any:
            if value is None and nullable:
                return None
            return connection.ops.adapt_json_value(value, None)

        return document
    if isinstance(target, models.BinaryField):
        return lambda value: None if value is None else base64.b64decode(value)
    plain = (models.IntegerField, models.CharField, models.TextField, models.FloatField)
    if isinstance(target, plain):
        return None

    def typed(value: Any) -> Any:
        if value is None:
            return None
        return target.get_db_prep_value(target.to_python(value), connection, prepared=False)

    return typed
