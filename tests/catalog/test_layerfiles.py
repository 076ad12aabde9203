"""What teams declared and people wrote goes into files for git and comes back through the one door."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from hypothesis import given
from hypothesis import strategies as st

from catalog.descriptors import LayerKind
from catalog.layerfiles.form import FileInvalid, LayerEntry, LayerFile, dump, parse
from catalog.models import Event, Layer, Product
from catalog.registry.apply import apply
from catalog.registry.edit import edit
from catalog.registry.remove import remove_product
from tests.conftest import Mesh
from tests.factories import SYSTEM, make_dataset, make_product, product_descriptor

PRODUCT = "products/claims/settled-claims.yaml"


def export(folder: Path) -> dict[str, str]:
    call_command("export", folder, stdout=StringIO())
    return {
        str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*.yaml"))
    }


def bring(folder: Path, **options: Any) -> str:
    out = StringIO()
    call_command("import", folder, stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def folder(mesh: Mesh, tmp_path: Path) -> Path:
    """An export of one product, declared and edited, and one edited dataset."""
    product = make_product(description="First.\nSecond: yes\n", tags=["on", "2026-01-02", "ä"])
    edit(product, changes={"support": "#claims"}, by=mesh.alice)
    dataset = make_dataset()
    edit(dataset, changes={"columns[id].description": "The number."}, by=mesh.bob)
    make_dataset("main.plain")
    export(tmp_path)
    return tmp_path


def test_a_file_is_easy_to_read_and_to_compare(folder: Path) -> None:
    text = (folder / PRODUCT).read_text()
    assert text.startswith("product: claims/settled-claims\nlayers:\n- layer: declared\n")
    assert "    description: |\n      First.\n      Second: yes\n" in text
    assert "  by: alice\n" in text
    assert len(list(folder.rglob("*.yaml"))) == 2, "what nobody described has no file"


def test_the_second_export_writes_nothing(folder: Path) -> None:
    out = StringIO()
    call_command("export", folder, stdout=out)
    assert "0 files written, 2 unchanged, 0 removed" in out.getvalue()


def test_an_import_of_what_is_known_changes_nothing(folder: Path) -> None:
    before = Event.objects.count(), Layer.objects.order_by("pk").values_list("digest", "stated_at")
    assert "0 changed, 3 unchanged, 0 older" in bring(folder)
    after = Event.objects.count(), Layer.objects.order_by("pk").values_list("digest", "stated_at")
    assert (before[0], list(before[1])) == (after[0], list(after[1]))


def test_a_field_changed_in_git_is_said_once(folder: Path) -> None:
    path = folder / PRODUCT
    path.write_text(path.read_text().replace("'#claims'", "'#late-claims'"))
    trial = bring(folder, dry_run=True)
    assert "    support: '#claims' → '#late-claims'" in trial
    assert "1 would change, 2 unchanged" in trial
    assert Product.objects.get().support == "#claims"
    assert "1 changed, 2 unchanged" in bring(folder)
    assert Product.objects.get().support == "#late-claims"
    assert "0 changed, 3 unchanged" in bring(folder)


def test_an_old_file_does_not_undo_a_newer_edit(folder: Path, mesh: Mesh) -> None:
    edit(Product.objects.get(), changes={"support": "#newer"}, by=mesh.alice)
    said = bring(folder)
    assert "layers[1] is older than what is known, and left out" in said
    assert Product.objects.get().support == "#newer"


def test_layers_keep_source_time_and_person_in_another_installation(
    folder: Path, mesh: Mesh
) -> None:
    product = Product.objects.get()
    guid = product.guid
    fields = ("kind", "source", "stated_at", "by", "stamps", "content")
    layers = Layer.objects.filter(subject_kind="product").order_by("kind")
    known = list(layers.values(*fields))
    remove_product(product, by=mesh.alice)
    Layer.objects.filter(subject_kind="product").delete()
    assert "+ product claims/settled-claims" in bring(folder)
    assert list(layers.all().values(*fields)) == known
    assert Product.objects.get().guid != guid


def test_a_successor_may_come_later(mesh: Mesh, tmp_path: Path) -> None:
    make_product("z-heir")
    for source, key, more in (("git:a", "old", {"successor": "claims/z-heir"}), ("git:b", "b", {})):
        apply(
            [product_descriptor(key, **more)],
            layer=LayerKind.DECLARED,
            source=source,
            authority=SYSTEM,
        )
    export(tmp_path)
    for product in Product.objects.order_by("key"):
        remove_product(product, by=mesh.alice)
    Layer.objects.all().delete()
    assert "3 changed" in bring(tmp_path)
    assert str(Product.objects.get(key="old").successor) == "Z heir"


def test_a_removed_product_leaves_the_folder(folder: Path, mesh: Mesh) -> None:
    remove_product(Product.objects.get(), by=mesh.alice)
    assert PRODUCT not in export(folder)
    assert not (folder / "products").joinpath("claims").exists()


def test_a_folder_of_somebody_else_is_left_alone(mesh: Mesh, tmp_path: Path) -> None:
    (tmp_path / "products").mkdir()
    (tmp_path / "products" / "mine.yaml").write_text("precious: yes")
    with pytest.raises(CommandError, match="it is no export"):
        export(tmp_path)
    assert (tmp_path / "products" / "mine.yaml").read_text() == "precious: yes"


GOOD = "product: claims/x\nlayers:\n- layer: declared\n  source: git\n  says:\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD + "    status: gone\n", "layers[0].says.status: Input should be 'proposed'"),
        (GOOD + "    statsu: active\n", "layers[0].says.statsu: Extra inputs are not permitted"),
        (GOOD + "    name: [1, 2]\n", "layers[0].says.name: Input should be a valid string"),
        (GOOD + "    ports: [{direction: out, name: A b}]\n", "layers[0].says.ports[0].name"),
        (GOOD + "    name: a\n    name: b\n", "name stands there twice"),
        (GOOD + "    team: nobody\n", "layers[0].says.team: there is no team 'nobody'"),
        (GOOD.replace("claims/x", "nowhere/x") + "    name: A\n", "there is no domain 'nowhere'"),
        (GOOD.replace("claims/x", "x") + "    name: A\n", "product: 'x' is no product address"),
        (GOOD.replace("declared", "harvested") + "    name: A\n", "layers[0].layer"),
        (GOOD + "    name: A\n  by: nobody\n", "layers[0].by: there is no person 'nobody'"),
        (GOOD + "    name: A\n  stated_at: '2026-01-01'\n", "layers[0].stated_at"),
        (GOOD + "    name: &a A\n    version: *a\n", "aliases"),
        (GOOD + "    name: 'open\n", "found unexpected end of stream"),
        ("layers: []\n", "layers: List should have at least 1 item"),
        ("dataset: {namespace: a}\nlayers: []\n", "dataset.name: Field required"),
        ("- 1\n", "a file holds `product` or `dataset`"),
        ("!!python/object/apply:os.system ['true']\n", "could not determine a constructor"),
        ("[" * 20_000 + "]" * 20_000, "deep"),
    ],
)
def test_a_bad_file_is_told_with_its_field_and_nothing_is_taken(
    mesh: Mesh, tmp_path: Path, text: str, said: str
) -> None:
    files = tmp_path / "products" / "claims"
    files.mkdir(parents=True)
    (files / "bad.yaml").write_text(text)
    (files / "good.yaml").write_text(GOOD.replace("claims/x", "claims/good") + "    name: Good\n")
    with pytest.raises(CommandError) as error:
        bring(tmp_path)
    assert "nothing was imported" in str(error.value)
    assert "products/claims/bad.yaml: " in str(error.value)
    assert said in str(error.value)
    assert not Product.objects.exists()


def test_dates_without_quotes_are_taken_as_written() -> None:
    said = parse(GOOD + "    sunset_on: 2027-01-31\n    tags: [a]\n")
    assert said.layers[0].says == {"sunset_on": "2027-01-31", "tags": ["a"]}


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | TEXTS
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=4), TEXTS)
def test_whatever_a_layer_says_comes_back_as_it_was(extra: dict[str, Any], text: str) -> None:
    layer = LayerEntry(
        layer="declared",
        source="git",
        stated_at=datetime(2026, 1, 2, 3, 4, 5, 6, UTC),
        says={"extra": extra, "description": text},
    )
    file = LayerFile(product="claims/x", layers=[layer])
    try:
        assert parse(dump(file)) == file
    except FileInvalid as error:
        pytest.fail(f"{error}\n{dump(file)}")
