"""Files that are not what their name says: clear words in the run, nothing half done."""

from __future__ import annotations

import gzip
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pytest

from catalog.models import Column, Dataset, Layer, Profile, Sample
from ingestors.models import Run, RunState, Source
from ingestors.services.runs import run_source
from ingestors.services.sources import create_source
from tests.conftest import Mesh

ROWS = "id,name,città\n1,Bär,Köln\n2,Noël,Genève\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "share"
    made.mkdir()
    (made / "good.csv").write_text("id,amount\n1,10\n2,20\n")
    return made


@pytest.fixture
def share(mesh: Mesh, folder: Path) -> Source:
    return create_source(
        name="Share",
        connector="files",
        config={"path": str(folder), "namespace": "file://share"},
        domain=mesh.claims,
        by=None,
    )


def lines(run: Run, level: str) -> list[str]:
    return list(run.lines.filter(level=level).values_list("text", flat=True))


def parquet() -> bytes:
    with TemporaryDirectory() as folder, duckdb.connect() as db:
        path = Path(folder, "t.parquet")
        db.execute("CREATE TABLE t AS SELECT i AS id, 'n' || i AS n FROM range(2000) r(i)")
        db.execute(f"COPY t TO '{path}' (FORMAT parquet)")
        return path.read_bytes()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("bad.parquet", parquet()[:-200] + b"\0" * 200, "is no Parquet file, or was cut off"),
        ("bad.parquet", parquet()[:900], "is no Parquet file, or was cut off"),
        ("bad.parquet", b"id,amount\n1,2\n", "is no Parquet file, or was cut off"),
        ("bad.csv", b"", "is empty"),
        ("bad.parquet", b"", "is empty"),
        ("bad.ndjson", b'{"id": 1}\n{"id": 2,\n{"id": 3}\n', "holds malformed JSON (line 3)"),
        ("bad.json", b"[{]", "holds malformed JSON"),
        ("bad.csv.gz", b"id,amount\n1,2\n", "is no gzip file, or was cut off"),
    ],
)
def test_an_unreadable_file_is_refused_and_the_others_are_kept(
    share: Source, folder: Path, name: str, content: bytes, said: str
) -> None:
    (folder / name).write_bytes(content)
    run = run_source(share)
    assert (run.state, run.problem_count, run.found_count) == (RunState.PARTIAL, 1, 2)
    assert lines(run, "warning") == [f"{name}: {said}"]
    assert list(Dataset.objects.values_list("name", flat=True)) == ["good.csv"]
    assert Layer.objects.filter(subject_kind="dataset").count() == 1


def test_a_broken_line_deep_in_a_file_refuses_the_whole_of_it(share: Source, folder: Path) -> None:
    good = "".join(f'{{"id": {n}}}\n' for n in range(25_000))
    (folder / "log.ndjson").write_text(good)
    run_source(share)
    before = Profile.objects.get(dataset__name="log.ndjson").columns
    (folder / "log.ndjson").write_text(good + '{"id": \n')
    run = run_source(share)
    assert lines(run, "warning") == ["log.ndjson: holds malformed JSON (line 25,002)"]
    kept = Dataset.objects.get(name="log.ndjson")
    assert (kept.gone_at, kept.row_count) == (None, 25_000)
    assert Profile.objects.get(dataset=kept).columns == before


def test_a_damaged_page_keeps_what_the_footer_says_and_no_statistics(
    share: Source, folder: Path
) -> None:
    content = parquet()
    (folder / "page.parquet").write_bytes(content[:50] + b"\xff" * 300 + content[350:])
    run = run_source(share)
    assert run.state == RunState.PARTIAL
    (said,) = lines(run, "warning")
    assert said.startswith("page.parquet: ")
    assert said.endswith("is damaged: its data cannot be decompressed")
    dataset = Dataset.objects.get(name="page.parquet")
    assert (dataset.row_count, dataset.columns.count()) == (2000, 2)
    assert not Profile.objects.filter(dataset=dataset).exists()


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("latin-1", ["people.csv: read as Latin-1: it is not valid UTF-8"]),
        ("utf-16", ["people.csv: read as UTF-16"]),
        ("utf-16-le", ["people.csv: read as UTF-16"]),
        ("utf-8-sig", []),
    ],
)
@pytest.mark.parametrize("is_compressed", [False, True])
def test_csv_files_in_other_encodings_are_read_and_it_is_said(
    share: Source, folder: Path, encoding: str, said: list[str], is_compressed: bool
) -> None:
    content = ROWS.encode(encoding)
    if is_compressed:
        (folder / "people.csv.gz").write_bytes(gzip.compress(content))
    else:
        (folder / "people.csv").write_bytes(content)
    run = run_source(share)
    assert (run.state, run.created_count) == (RunState.SUCCEEDED, 2)
    notes = [line.replace(".gz", "") for line in lines(run, "info") if "people" in line]
    assert notes == said
    people = Profile.objects.get(dataset__name__startswith="people")
    assert [one["path"] for one in people.columns] == ["id", "name", "città"]
    assert people.columns[2]["distinct"] == 2


@pytest.mark.parametrize("is_compressed", [False, True])
def test_windows_text_is_read_with_its_own_signs(
    share: Source, folder: Path, is_compressed: bool
) -> None:
    content = "id,price\n1,5 €\n2,“free”\n".encode("cp1252")
    name = "shop.csv.gz" if is_compressed else "shop.csv"
    (folder / name).write_bytes(gzip.compress(content) if is_compressed else content)
    run = run_source(share)
    assert run.state == RunState.SUCCEEDED
    assert f"{name}: read as Windows-1252: it is not valid UTF-8" in lines(run, "info")
    assert Sample.objects.get(dataset__name=name).rows == [[1, "5 €"], [2, "“free”"]]


def test_rows_of_other_lengths_are_read_and_it_is_said_where(share: Source, folder: Path) -> None:
    good = "".join(f"{n},n{n},{n % 7}\n" for n in range(25_000))
    (folder / "late.csv").write_text("id,code,amount\n" + good + "1,a\n2,b,3,4,5\n")
    (folder / "early.csv").write_text("id,code,amount\n1,a,2\n2,b\n" + good)
    run = run_source(share)
    assert (run.state, run.created_count) == (RunState.PARTIAL, 3)
    how = "short rows were filled up, what is too much was left out"
    assert lines(run, "warning") == [
        f"early.csv: has rows of different lengths: {how}",
        f"late.csv: has rows of different lengths (line 25,002): {how}",
    ]
    for name in ("early.csv", "late.csv"):
        columns = Column.objects.filter(dataset__name=name).order_by("ordinal")
        assert list(columns.values_list("path", "type")) == [
            ("id", "integer"),
            ("code", "string"),
            ("amount", "integer"),
        ]
    assert Dataset.objects.get(name="late.csv").row_count == 25_002


def test_a_word_far_down_in_a_column_of_numbers_makes_it_text(share: Source, folder: Path) -> None:
    good = "".join(f"{n},{n}\n" for n in range(25_000))
    (folder / "mixed.csv").write_text("id,amount\n" + good + "x,none\n")
    run = run_source(share)
    assert run.state == RunState.SUCCEEDED
    dataset = Dataset.objects.get(name="mixed.csv")
    assert dataset.row_count == 25_001
    assert set(dataset.columns.values_list("type", flat=True)) == {"string"}


def test_names_with_wildcard_signs_are_files_like_any_other(share: Source, folder: Path) -> None:
    (folder / "what[1]?*.csv").write_text("id\n1\n")
    run = run_source(share)
    assert run.state == RunState.SUCCEEDED
    assert Dataset.objects.get(name="what[1]?*.csv").row_count == 1
