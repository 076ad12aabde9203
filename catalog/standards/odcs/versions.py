"""The versions of the standard, and what each of them brought. Free of Django.

Source: change log of the Open Data Contract Standard, bitol.io.
"""

from __future__ import annotations

from typing import Any

VERSIONS = ("v2.2.0", "v2.2.1", "v2.2.2", "v3.0.0", "v3.0.1", "v3.0.2", "v3.1.0", "v3.2.0")
NEWEST = VERSIONS[-1]
MEDIA_TYPE = "application/odcs+yaml"

#: Fields by where they stand (`*`: anywhere) and the version that brought them.
SINCE: dict[tuple[str, str], str] = {
    ("contract", "authoritativeDefinitions"): "v3.0.1",
    ("description", "authoritativeDefinitions"): "v3.0.1",
    ("description", "customProperties"): "v3.0.1",
    ("role", "customProperties"): "v3.0.1",
    ("property", "physicalName"): "v3.0.2",
    ("object", "relationships"): "v3.1.0",
    ("property", "relationships"): "v3.1.0",
    ("quality", "metric"): "v3.1.0",
    ("quality", "arguments"): "v3.1.0",
    ("logicalTypeOptions", "timezone"): "v3.1.0",
    ("logicalTypeOptions", "defaultTimezone"): "v3.1.0",
    ("sla", "description"): "v3.1.0",
    ("sla", "schedule"): "v3.1.0",
    ("sla", "scheduler"): "v3.1.0",
    ("support", "customProperties"): "v3.1.0",
    ("authoritativeDefinition", "description"): "v3.1.0",
    ("customProperty", "description"): "v3.1.0",
    ("contract", "context"): "v3.2.0",
    ("object", "context"): "v3.2.0",
    ("object", "synonyms"): "v3.2.0",
    ("object", "deprecated"): "v3.2.0",
    ("property", "synonyms"): "v3.2.0",
    ("property", "deprecated"): "v3.2.0",
    ("property", "enum"): "v3.2.0",
    ("property", "map"): "v3.2.0",
    ("property", "semanticType"): "v3.2.0",
    ("relationship", "id"): "v3.2.0",
    ("customProperty", "vendor"): "v3.2.0",
    ("sla", "authoritativeDefinitions"): "v3.2.0",
    ("sla", "customProperties"): "v3.2.0",
    **{
        ("logicalTypeOptions", name): "v3.2.0"
        for name in (
            "dimensions",
            "distanceMetric",
            "elementType",
            "embeddingModel",
            "embeddingModelVersion",
            "normalized",
        )
    },
    **{
        (holder, "id"): "v3.1.0"
        for holder in (
            "object",
            "property",
            "quality",
            "server",
            "sla",
            "role",
            "support",
            "price",
            "authoritativeDefinition",
            "customProperty",
        )
    },
}
#: Logical types a version brought, and the older one that is nearest.
NEW_TYPES = {"timestamp": "v3.1.0", "time": "v3.1.0", "map": "v3.2.0", "vector": "v3.2.0"}
OLDER_TYPE = {"timestamp": "date", "time": "string", "map": "object", "vector": "array"}


def is_known(version: object) -> bool:
    """Tell whether a version of the standard is one that is read here."""
    return version in VERSIONS


def is_older(version: str, than: str) -> bool:
    """Compare two known versions."""
    return VERSIONS.index(version) < VERSIONS.index(than)


def is_second(content: dict[str, Any]) -> bool:
    """Tell the older shape (2.2: `dataset`, `uuid`) from that of 3."""
    declared = content.get("apiVersion")
    if isinstance(declared, str) and declared.startswith("v3"):
        return False
    return str(declared).startswith("v2") or ("uuid" in content and "id" not in content)
