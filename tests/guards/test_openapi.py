"""The committed description of the API is the one the code has."""

from __future__ import annotations

from pathlib import Path

from django.core.management import call_command


def test_the_committed_openapi_document_is_current(tmp_path: Path) -> None:
    fresh = tmp_path / "openapi.yaml"
    call_command("spectacular", file=str(fresh))
    committed = Path(__file__).parents[2] / "docs" / "openapi.yaml"
    assert committed.read_text() == fresh.read_text(), "run: make openapi"
