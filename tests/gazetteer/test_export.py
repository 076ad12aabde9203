"""Documents are written over those of the same id, and never over other content unasked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from catalog.standards.odps.convert import convert
from catalog.standards.odps.lint import lint
from catalog.standards.reading import Document as Read
from catalog.standards.reading import read
from gazetteer.exporting import Document, promised, write
from gazetteer.failures import Refused
from gazetteer.folder import read_folder
from gazetteer.main import run
from tests.gazetteer.folders import PRODUCT, contract, write_folder


def content(text: str) -> dict[str, Any]:
    return read(text).content


FOUND = [
    Document("DataProduct", content(PRODUCT)),
    Document("DataContract", content(contract())),
    Document("DataContract", content(contract("orders/files"))),
]


def outcomes(folder: Path, **said: Any) -> dict[str, str]:
    written = write(FOUND, folder, **{"style": "yaml", "force": False, **said})
    return {str(one.path.relative_to(folder)): one.outcome for one in written}


def test_a_new_folder_is_filled_and_lints(tmp_path: Path) -> None:
    names = ["product.odps.yaml", "contracts/orders-table.odcs.yaml"]
    assert list(outcomes(tmp_path / "a"))[:2] == names
    assert set(outcomes(tmp_path / "a").values()) == {"unchanged"}
    assert run(["lint", str(tmp_path / "a")]) == 0


def test_json_is_written_as_well(tmp_path: Path) -> None:
    assert "contracts/orders-files.odcs.json" in outcomes(tmp_path, style="json")
    assert len(read_folder(tmp_path).contracts) == 2


def test_files_of_the_same_id_keep_their_place(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "a")
    done = outcomes(folder)
    assert done["contracts/table.odcs.yaml"] == "unchanged"
    assert done["contracts/orders-files.odcs.yaml"] == "created"


def test_other_content_is_kept_unless_forced(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "a")
    mine = (folder / "contracts/table.odcs.yaml").read_text().replace("amount", "sum")
    (folder / "contracts/table.odcs.yaml").write_text(mine)
    with pytest.raises(Refused, match=r"table\.odcs\.yaml; --force"):
        outcomes(folder)
    assert (folder / "contracts/table.odcs.yaml").read_text() == mine
    assert not (folder / "contracts/orders-files.odcs.yaml").exists()
    assert outcomes(folder, force=True)["contracts/table.odcs.yaml"] == "changed"
    assert read_folder(folder).contracts[-1].document.content == FOUND[1].content


def test_no_id_leads_out_of_the_folder(tmp_path: Path) -> None:
    evil = Document("DataContract", {**FOUND[1].content, "id": "../../../etc/passwd"})
    (written,) = write([evil], tmp_path / "a", "yaml", False)
    assert written.path.resolve().is_relative_to(tmp_path / "a")


def test_a_version_that_is_none_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["export", "a/b", "--odcs", "v9"]) == 64
    assert "allowed are v2.2.0" in capsys.readouterr().err


def test_a_product_is_said_in_older_versions() -> None:
    port = {"id": "p", "name": "sql", "version": "1.0.0", "deprecated": False}
    newest = {
        **content(PRODUCT),
        "type": "aggregate",
        "outputPorts": [port],
        "team": {"name": "A", "members": [{"username": "ana"}]},
    }
    older, lost = convert(newest, "v1.0.0")
    assert [one.path for one in lost] == ["type", "outputPorts[0].id", "outputPorts[0].deprecated"]
    assert lint(Read(older)) == []
    oldest, lost = convert(newest, "v0.9.0")
    assert (oldest["team"], lost[-1].path) == ([{"username": "ana"}], "team.name")
    assert lint(Read(oldest)) == []
    back, lost = convert(oldest, "v1.1.0")
    assert (back["team"], lost) == ({"members": [{"username": "ana"}]}, [])
    assert newest["outputPorts"] == [port]


def test_each_major_that_a_port_serves_has_its_contract() -> None:
    rows = [
        {"contractId": "a", "version": version} for version in ("1.0.0", "1.10.0", "1.9.0", "2.0.0")
    ]
    one = {"outputPorts": [{"name": "sql", "version": "2.0.0", "contractId": "a"}]}
    assert promised(one, rows) == {("a", "")}
    two = {"outputPorts": [*one["outputPorts"], {**one["outputPorts"][0], "version": "1.10.0"}]}
    assert promised(two, rows) == {("a", "1.10.0"), ("a", "2.0.0")}


def test_versions_of_a_contract_are_sent_in_their_order(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "a")
    for name, version in (("a", "10.0.0"), ("b", "9.0.0")):
        (folder / f"{name}.odcs.yaml").write_text(contract("orders-table", version))
    sent = [(one.id, one.version) for one, _ in read_folder(folder).to_send()[1:]]
    assert sent == [
        ("orders-files", "1.0.0"),
        ("orders-table", "1.0.0"),
        ("orders-table", "9.0.0"),
        ("orders-table", "10.0.0"),
    ]


def test_two_versions_and_look_alike_ids_have_files_of_their_own(tmp_path: Path) -> None:
    texts = [contract(version="1.0.0"), contract(version="2.0.0"), contract("a/b"), contract("a-b")]
    found = [FOUND[0], *(Document("DataContract", content(text)) for text in texts)]
    for outcome in ("created", "unchanged"):
        written = write(found, tmp_path, "yaml", False)
        assert {one.outcome for one in written} == {outcome}
        assert len({one.path for one in written}) == 5
    assert run(["lint", str(tmp_path)]) == 0
