"""Standard documents in calls and answers: YAML and JSON, by what the caller sends and accepts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from catalog.api.problems import Invalid
from catalog.contracts.publish import problems_of
from catalog.registry.outcomes import Problem
from catalog.standards.diagnostics import Unreadable
from catalog.standards.reading import Document, read
from catalog.standards.writing import to_json, to_yaml


class DocumentParser(BaseParser):
    """Reads a document as YAML or JSON, whatever it is called; raises Invalid with the line."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the document."""
        body = getattr(stream, "body", None)
        try:
            return read(stream.read() if body is None else body)
        except Unreadable as error:
            raise Invalid(problems_of([error.diagnostic])) from error


class YamlParser(DocumentParser):
    """`application/yaml` (RFC 9512)."""

    media_type = "application/yaml"


class OdcsParser(DocumentParser):
    """`application/odcs+yaml`."""

    media_type = "application/odcs+yaml"


class OdpsParser(DocumentParser):
    """`application/odps+yaml`."""

    media_type = "application/odps+yaml"


class OldYamlParser(DocumentParser):
    """`application/x-yaml`."""

    media_type = "application/x-yaml"


class TextParser(DocumentParser):
    """`text/…`: yaml, x-yaml, plain."""

    media_type = "text/*"


def sent(request: Request) -> Document:
    """Return the document of a call. Raises Invalid where there is none."""
    document: object = request.data
    if not isinstance(document, Document):
        raise Invalid([Problem("", None, "send a document as YAML or JSON in the body")])
    return document


PARSERS = [DocumentParser, YamlParser, OdcsParser, OdpsParser, OldYamlParser, TextParser]


class YamlRenderer(BaseRenderer):
    """Writes a document as YAML; a problem stays JSON."""

    media_type = "application/yaml"
    format = "yaml"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the text."""
        response = (renderer_context or {}).get("response")
        if response is not None and response.status_code >= 400:
            return JSONRenderer().render(data)
        return to_yaml(data).encode() if isinstance(data, Mapping) else b""


class OdcsYamlRenderer(YamlRenderer):
    """`application/odcs+yaml`."""

    media_type = "application/odcs+yaml"


class OdpsYamlRenderer(YamlRenderer):
    """`application/odps+yaml`."""

    media_type = "application/odps+yaml"


class TextYamlRenderer(YamlRenderer):
    """`text/yaml`."""

    media_type = "text/yaml"


class DocumentRenderer(JSONRenderer):
    """Writes a document as JSON in the order of its fields."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the text."""
        return b"" if data is None else to_json(data).encode()


def tag_of(document: Mapping[str, Any]) -> str:
    """Return the strong tag of a document: equal documents have equal tags."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:20]}"'
