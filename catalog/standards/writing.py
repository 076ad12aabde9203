"""Plain values to text of a standard document. Free of Django."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import yaml

_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Plain(_DUMPER):  # type: ignore[misc]
    """Writes shared values out instead of pointing at them, and long texts as blocks."""

    def ignore_aliases(self, data: object) -> bool:
        """Never write an anchor."""
        return True


def _text(dumper: Any, value: str) -> Any:
    style = "|" if "\n" in value and value == value.rstrip(" ") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Plain.add_representer(str, _text)


def to_yaml(content: Mapping[str, Any]) -> str:
    """Write a document as YAML in the order of its fields; reading it gives an equal one."""
    text: str = yaml.dump(
        dict(content), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=100
    )
    return text


def to_json(content: Mapping[str, Any]) -> str:
    """Write a document as JSON in the order of its fields."""
    return json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
