"""`gazetteer lint`: what is wrong is told with file, line, value and what is allowed."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from gazetteer.main import run
from tests.gazetteer.folders import PRODUCT, contract, write_folder
from tests.installations import ROOT


def lint(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = run(["lint", str(folder)])
    said = capsys.readouterr()
    return code, (said.out + said.err).replace(f"{folder}/", "")


def test_a_sound_folder_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = lint(write_folder(tmp_path / "a"), capsys)
    assert (code, said) == (0, "5 files, 0 errors, 0 warnings\n")


def test_an_error_names_file_line_column_field_value_and_what_is_allowed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_folder(tmp_path / "a")
    text = contract().replace("logicalType: number", "logicalType: money")
    (folder / "contracts/table.odcs.yaml").write_text(text)
    code, said = lint(folder, capsys)
    assert code == 1
    head = 'contracts/table.odcs.yaml:15:22: error: schema[0].properties[1].logicalType: "money": '
    assert said.startswith(head)
    assert "integer" in said.splitlines()[0]


def test_json_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_folder(tmp_path / "a")
    (folder / "product.odps.yaml").write_text(PRODUCT.replace("active", "7"))
    assert run(["lint", str(folder), "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    (found,) = said["diagnostics"]
    assert (said["isValid"], said["files"]) == (False, 5)
    assert (found["line"], found["path"], found["value"]) == (6, "status", 7)
    assert found["file"] == str(folder / "product.odps.yaml")


BAD = {
    "broken YAML": (b"kind: DataContract\nid: [", "no YAML"),
    "no UTF-8": (b"kind: DataContract\nid: \xff\xfe", "is no UTF-8"),
    "a bomb": (
        b"kind: DataContract\n"
        + b"".join(
            b"a%d: &a%d [%s]\n"
            % (n, n, b", ".join([b"*a%d" % (n - 1)] * 10) if n else b"lol, lol, lol")
            for n in range(12)
        ),
        "aliases written out",
    ),
    "a name twice": (b"kind: DataContract\nid: a\nid: b\n", "stands twice"),
    "a foreign kind": (b"kind: Deployment\n", "allowed are DataProduct and DataContract"),
    "an object made by a tag": (
        b"kind: DataContract\nid: !!python/object/apply:os.system [id]\n",
        "is not taken",
    ),
    "two documents": (b"kind: DataContract\nid: a\n---\nid: b\n", "a second document"),
    "nothing": (b"", "a document is an object"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_read_is_an_error_of_its_file(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw, expected = BAD[name]
    folder = write_folder(tmp_path / "a")
    (folder / "contracts/table.odcs.yaml").write_bytes(raw)
    code, said = lint(folder, capsys)
    line = next(line for line in said.splitlines() if line.startswith("contracts/table.odcs.yaml"))
    assert (code, expected in line) == (1, True), said


def test_an_empty_folder_has_no_product(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = lint(tmp_path, capsys)
    assert (code, "no product here" in said) == (1, True)


def test_a_second_product_is_named_with_the_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_folder(tmp_path / "a")
    (folder / "second.yaml").write_text(PRODUCT)
    code, said = lint(folder, capsys)
    assert (code, "second.yaml:2:7: error: kind:" in said) == (1, True)
    assert "a folder holds one product; here are 2" in said


def test_a_folder_that_is_not_there_or_not_open_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lint(tmp_path / "nowhere", capsys)[0] == 1
    folder = write_folder(tmp_path / "a")

    def closed(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "read_bytes", closed)
    code, said = lint(folder, capsys)
    assert (code, "README.md: Permission denied" in said) == (1, True)


def test_a_link_out_of_the_folder_is_not_followed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_folder(tmp_path / "a")
    (tmp_path / "secret.txt").write_text("the secret")
    (folder / "README.md").unlink()
    (folder / "README.md").symlink_to(tmp_path / "secret.txt")
    code, said = lint(folder, capsys)
    assert (code, "leads out of the folder" in said) == (0, True)


def test_what_belongs_to_something_else_is_passed_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_folder(tmp_path / "a")
    (folder / "docker-compose.yml").write_text("services: {web: {image: x}}\n")
    (folder / "chart.yaml").write_text("{{ broken }}: {% template %}\n")
    (folder / "CHANGELOG.md").write_bytes(b"\xff old notes")
    (folder / "node_modules").mkdir()
    (folder / "node_modules/other.odps.yaml").write_text(PRODUCT)
    assert lint(folder, capsys) == (0, "5 files, 0 errors, 0 warnings\n")


def test_ports_and_contracts_that_do_not_meet_are_warnings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_folder(tmp_path / "a")
    (folder / "contracts/files.odcs.yaml").write_text(contract("orders-other"))
    code, said = lint(folder, capsys)
    assert code == 0
    assert 'outputPorts[1].contractId: "orders-files": no contract in this folder' in said
    assert "no output port in" in said


def test_one_version_of_a_contract_stands_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_folder(tmp_path / "a")
    (folder / "contracts/files.odcs.yaml").write_text(contract())
    code, said = lint(folder, capsys)
    assert (code, "has the same id and version" in said) == (1, True)


def test_a_part_that_is_said_twice_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_folder(tmp_path / "a")
    text = PRODUCT + "description:\n  purpose: Bills.\n  usage: By day.\n"
    (folder / "product.odps.yaml").write_text(text)
    (folder / "usage.md").write_text("By month.\n")
    code, said = lint(folder, capsys)
    assert (code, "usage.md:1: error: the usage is said already" in said) == (1, True)
    assert "README.md:1: warning: the purpose is said already" in said


def test_no_text_of_a_document_steers_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_folder(tmp_path / "a")
    text = PRODUCT.replace("apiVersion: v1.1.0", 'apiVersion: "\\e[2J\\e]0;owned\\a"')
    (folder / "product.odps.yaml").write_text(text)
    code, said = lint(folder, capsys)
    assert (code, "\x1b" in said, "\x07" in said) == (1, False, False)


def on_terminal(folder: Path, **environment: str) -> bytes:
    """Run lint as a person at a terminal does; return what the terminal gets."""
    ours, theirs = pty.openpty()
    subprocess.run(
        [sys.executable, "-m", "gazetteer", "lint", str(folder)],
        cwd=ROOT,
        stdout=theirs,
        stderr=theirs,
        env={"PATH": "/usr/bin:/bin", "TERM": "xterm", **environment},
        check=False,
    )
    os.close(theirs)
    said = os.read(ours, 100_000)
    os.close(ours)
    return said


def test_colours_are_for_terminals_of_people_who_want_them(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "a")
    (folder / "product.odps.yaml").write_text(PRODUCT.replace("active", "7"))
    assert b"\x1b[31merror" in on_terminal(folder)
    said = on_terminal(folder, NO_COLOR="1")
    assert (b"error" in said, b"\x1b" in said) == (True, False)
