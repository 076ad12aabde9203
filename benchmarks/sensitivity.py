"""How well personal data is found by names of columns alone: `python -m benchmarks.sensitivity [SPLIT]`.

The schemas are those of Spider (`$GAZETTEER_TEST_DATA/schemas/spider`), the labels our own
(`sensitivity_labels.txt`). A column counts as found where its class is right.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ingestors.sensitivity.classify import Candidate, classify

HERE = Path(__file__).parent
DATA = Path(os.environ.get("GAZETTEER_TEST_DATA", HERE.parents[1] / "shared" / "data"))
TYPES = {"number": "number", "time": "timestamp", "boolean": "boolean"}
EITHER = "?"
#: Classes that stand for the same thing where only a name is known.
SAME = {"username": "person-name"}

Tables = dict[tuple[str, str], dict[str, str]]


@dataclass(slots=True)
class Score:
    """Columns found and not found."""

    right: int = 0
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """The share of personal columns that were found."""
        return self.right / max(1, self.right + len(self.missed))

    @property
    def precision(self) -> float:
        """The share of what was found that is right."""
        return self.right / max(1, self.right + len(self.wrong))


def labels(split: str) -> Tables:
    """Return the labels of a split by database and table."""
    found: Tables = {}
    for line in (HERE / "sensitivity_labels.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{split} "):
            head, _, columns = line.removeprefix(f"{split} ").partition(": ")
            database, table = head.split(" ")
            pairs = (one.partition("=") for one in columns.split())
            found[database, table] = {name.replace("·", " "): kind for name, _, kind in pairs}
    return found


def split_of(database: str) -> str:
    """Return the part of the set that a database is in; four in ten were not labelled."""
    number = int(hashlib.sha256(database.encode()).hexdigest(), 16) % 10
    return "development" if number < 3 else "held-out" if number < 6 else ""


def schemas(split: str) -> Iterator[tuple[str, str, list[Candidate]]]:
    """Yield (database, table, columns without values) of a split."""
    path = DATA / "schemas" / "spider" / "evaluation_examples" / "examples" / "tables.json"
    if not path.is_file():
        raise SystemExit(
            f"there is no {path}; set GAZETTEER_TEST_DATA to the folder of real material"
        )
    for database in json.loads(path.read_text(encoding="utf-8")):
        if split_of(database["db_id"]) != split:
            continue
        columns: dict[int, list[Candidate]] = {}
        named = zip(database["column_names_original"], database["column_types"], strict=True)
        for (table, name), kind in named:
            if table >= 0:
                said = TYPES.get(kind, "string")
                columns.setdefault(table, []).append(Candidate(name, said, said, ()))
        for table, candidates in columns.items():
            yield database["db_id"], database["table_names_original"][table], candidates


def measure(split: str) -> Score:
    """Judge every column of a split."""
    known, score = labels(split), Score()
    for database, table, candidates in schemas(split):
        wanted = known.get((database, table), {})
        for path, finding in classify(table, candidates).items():
            found, label = finding.sensitivity.value, wanted.get(path, "none")
            where = f"{database}.{table}.{path}: {label}, found {found}"
            if label == EITHER or found == label == "none":
                continue
            if SAME.get(found, found) == SAME.get(label, label):
                score.right += 1
                continue
            if label != "none":
                score.missed.append(where)
            if found != "none":
                score.wrong.append(where)
    return score


def run(split: str = "held-out") -> None:
    """Print recall and precision; of the development part also each mistake."""
    score = measure(split)
    total = score.right + len(score.missed)
    print(
        f"names of columns, {split}: recall {score.recall:.3f}, precision {score.precision:.3f}"
        f" ({score.right} of {total} found, {len(score.wrong)} wrong)"
    )
    if split == "development":
        print("\n".join([*score.missed, "--", *score.wrong]))


if __name__ == "__main__":
    run(*sys.argv[1:])
