"""How the OpenAPI document names our tokens, conditions and errors."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter

IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="An ETag; 412 when it changed since."
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="An ETag; 304 when it is the same."
)
ONLY_NEW = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="`*`: 412 when it is there already."
)
_TEXT = {"type": "string"}
PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": {**_TEXT, "description": "What to do about it."},
        "instance": {**_TEXT, "description": "The address that was called."},
        "errors": {
            "type": "array",
            "description": "Each field or parameter at fault.",
            "items": {"$ref": "#/components/schemas/FieldProblem"},
        },
    },
}
FIELD_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "One field or parameter that cannot be used.",
    "required": ["path", "value", "message"],
    "properties": {
        "path": {**_TEXT, "description": "As `columns[0].path`; empty for the whole."},
        "value": {"description": "What was sent."},
        "message": {**_TEXT, "description": "What is allowed."},
    },
}


def add_problems(result: dict[str, Any], **_: object) -> dict[str, Any]:
    """Say of every call that whatever goes wrong is answered with a problem."""
    schemas = result["components"]["schemas"]
    schemas |= {"Problem": PROBLEM, "FieldProblem": FIELD_PROBLEM}
    result["components"]["schemas"] = dict(sorted(schemas.items()))
    answer = {
        "description": "A problem",
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        },
    }
    for methods in result["paths"].values():
        for operation in methods.values():
            operation["responses"]["default"] = answer
    return result


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """`Authorization: Bearer …`; `x-api-key` is taken as well."""

    target_class = "catalog.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Describe the scheme."""
        return {"type": "http", "scheme": "bearer", "description": "Also taken as `x-api-key`."}
