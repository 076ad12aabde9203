"""What the client's wheel holds: itself, and what it knows of the standards; just what the server's leaves out."""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FILES = (
    "catalog/__init__.py",
    "catalog/names.py",
    "catalog/standards",
    "gazetteer",
)


class Files(BuildHookInterface):  # type: ignore[type-arg]
    """Takes the files from the top of the checkout; in a checkout nothing is copied."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add them to a wheel; an editable one finds them where they are."""
        if version != "editable":
            build_data["force_include"].update({f"../../{name}": name for name in FILES})
