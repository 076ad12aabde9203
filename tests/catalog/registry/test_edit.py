"""What people write: by path, with their name, never lost, never beyond their rights."""

from __future__ import annotations

import pytest

from catalog.models import Dataset, Layer
from catalog.registry.edit import edit, take_back
from catalog.registry.origins import origins
from tests.conftest import Mesh
from tests.factories import column, make_dataset, make_product

HIDDEN = [column("mail", sensitivity="email", sensitivity_reason="looks like it")]


def test_a_column_is_described_by_its_path(mesh: Mesh) -> None:
    row = make_dataset()
    outcome = edit(row, changes={"columns[id].description": "The key"}, by=mesh.bob)
    assert [change.path for change in outcome.changes] == ["columns[id].description"]
    assert row.columns.get(path="id").description == "The key"
    claim = origins(row)["columns[id].description"][0]
    assert (claim.kind, claim.by_name) == ("curated", "Bob Osei")


def test_writing_on_a_column_that_is_not_there_is_refused(mesh: Mesh) -> None:
    row = make_dataset()
    outcome = edit(row, changes={"columns[nope].description": "x"}, by=mesh.bob)
    assert outcome.status == "refused"
    assert outcome.problems[0].path == "columns[nope].description"
    assert not Layer.objects.filter(kind="curated").exists()


@pytest.mark.parametrize(
    ("path", "value"), [("columns[mail].unmasked", True), ("columns[mail].sensitivity", "none")]
)
def test_only_an_owner_lets_values_show(mesh: Mesh, path: str, value: object) -> None:
    row = make_dataset(columns=HIDDEN)
    assert edit(row, changes={path: value}, by=mesh.bob).status == "refused"
    assert edit(row, changes={path: value}, by=mesh.alice).status == "changed"


def test_an_engineer_may_call_a_column_sensitive(mesh: Mesh) -> None:
    row = make_dataset()
    changes = {"columns[note].sensitivity": "free-text"}
    assert edit(row, changes=changes, by=mesh.bob).status == "changed"


def test_taking_back_one_field_keeps_the_others(mesh: Mesh) -> None:
    row = make_product()
    edit(row, changes={"description": "mine", "support": "#claims"}, by=mesh.alice)
    take_back(row, paths=["description"], by=mesh.alice)
    row.refresh_from_db()
    assert (row.description, row.support) == ("", "#claims")


def test_an_edit_of_a_dataset_survives_that_it_loses_the_column(mesh: Mesh) -> None:
    row = make_dataset()
    edit(row, changes={"columns[note].description": "kept"}, by=mesh.alice)
    make_dataset(columns=[column("id")])
    assert not row.columns.filter(path="note").exists()
    back = make_dataset()
    assert Dataset.objects.get(pk=back.pk).columns.get(path="note").description == "kept"
