"""What docker-compose.yml says, as `docker compose` would understand it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
_VARIABLE = re.compile(r"\$(?:\$|\{(?P<name>[A-Z_]+)(?:(?P<sign>:[?-])(?P<rest>[^}]*))?\})")


class VariableMissing(KeyError):
    """A variable that must be given is not."""


def interpolate(text: str, given: Mapping[str, str]) -> str:
    """Put variables in, after the Compose specification's rules for `${NAME}`, `:?`, `:-` and `$$`."""

    def one(found: re.Match[str]) -> str:
        name = found["name"]
        if name is None:
            return "$"
        if value := given.get(name):
            return value
        if found["sign"] == ":?":
            raise VariableMissing(name)
        return found["rest"] or ""

    return _VARIABLE.sub(one, text)


def text() -> str:
    """Return the file."""
    return (ROOT / "docker-compose.yml").read_text()


def read(given: Mapping[str, str]) -> dict[str, Any]:
    """Return the file with variables put in."""
    found: dict[str, Any] = yaml.safe_load(interpolate(text(), given))
    return found


def example() -> dict[str, str]:
    """Return values for every variable that must be given."""
    names = {m["name"] for m in _VARIABLE.finditer(text()) if m["sign"] == ":?"}
    values = {name: f"{name.lower().replace('_', '')}{'x7' * 30}" for name in names}
    return values | {"PUBLIC_URL": "https://gazetteer.example.com"}
