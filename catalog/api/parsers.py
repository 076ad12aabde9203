"""JSON as callers send it: whatever cannot be read or stored is refused as such."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class StrictJSONParser(JSONParser):
    """Refuse nesting that is too deep and text that is no Unicode, before any view sees it."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the document; raise ParseError for one that cannot be used."""
        try:
            data = super().parse(stream, media_type, parser_context)
            json.dumps(data, ensure_ascii=False).encode()
        except RecursionError as error:
            raise ParseError("JSON parse error - the document is nested too deeply") from error
        except UnicodeEncodeError as error:
            message = "JSON parse error - a text has half of a surrogate pair, which is no Unicode"
            raise ParseError(message) from error
        return data
