"""What reading SQL takes is counted: no text takes more than is allowed, and the answer depends on nothing else."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

import pytest

from lineage.sql import Script, read_script
from lineage.sql.work import FOLLOWING, MAX_DEPTH, PARSING, SCRIPT
from tests.lineage.sql.hostile import NESTED, WIDE

COLUMNS = tuple(f"c{number}" for number in range(1_000))
DIALECTS = ("postgres", "hive")
TOLD = ("steps", "levels", "cannot be read", "a result has", "places", "statements")


def known(table: str) -> tuple[str, ...] | None:
    return COLUMNS if table == "t" else None


def within_allowance(script: Script) -> bool:
    most = PARSING.steps + FOLLOWING.steps
    return script.steps <= min(SCRIPT.steps, max(1, len(script.statements)) * most)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("shape", [*WIDE.values()], ids=[*WIDE])
def test_what_is_wide_takes_no_more_than_is_allowed(
    shape: Callable[[int], str], dialect: str
) -> None:
    script = read_script(shape(200), dialect, known)
    assert within_allowance(script)
    assert all(any(word in p for word in TOLD) for p in script.problems)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("levels", "shape"), [*NESTED.values()], ids=[*NESTED])
def test_what_is_nested_takes_no_more_than_is_allowed(
    levels: int, shape: Callable[[int], str], dialect: str
) -> None:
    script = read_script(shape(MAX_DEPTH // levels), dialect, known)
    assert within_allowance(script)
    assert not any("deeply" in p for p in script.problems), "what is allowed can be read"
    (beyond,) = read_script(shape(MAX_DEPTH + 1), dialect, known).problems
    assert f"more than {MAX_DEPTH} levels" in beyond


@pytest.mark.parametrize(("levels", "shape"), [*NESTED.values()], ids=[*NESTED])
def test_the_stack_of_the_caller_changes_nothing(levels: int, shape: Callable[[int], str]) -> None:
    for size in (MAX_DEPTH // levels, 200):
        text = shape(size)
        here = read_script(text, "postgres", known)
        assert at_depth(500, lambda: read_script(text, "postgres", known)) == here  # noqa: B023
        assert in_thread(lambda: read_script(text, "postgres", known)) == here  # noqa: B023


def at_depth(frames: int, read: Callable[[], Script]) -> Script:
    return at_depth(frames - 1, read) if frames else read()


def in_thread(read: Callable[[], Script]) -> Script:
    found: list[Script] = []
    thread = Thread(target=lambda: found.append(read()))
    thread.start()
    thread.join()
    return found[0]


def test_nested_recursion_takes_as_many_steps_as_it_has_levels() -> None:
    _, shape = NESTED["recursion"]
    few, many = (read_script(shape(size), "postgres", known) for size in (8, 16))
    assert many.problems == ()
    assert many.steps < 2.5 * few.steps
    assert many.statements[0].reads == ("t",)


def test_what_grows_with_each_level_is_stopped() -> None:
    _, shape = NESTED["arrays"]
    (problem,) = read_script(shape(20), "postgres").problems
    assert (
        problem
        == f"the statement cannot be read: it takes more than {PARSING.steps:,} steps to be parsed"
    )


def test_a_script_has_one_allowance_for_all_its_statements() -> None:
    script = read_script(WIDE["stars over unions"](499), "postgres", known)
    assert script.steps <= SCRIPT.steps
    assert script.statements[0].problem == ""
    *_, last = script.problems
    assert last.startswith(f"statement {len(script.statements)}: ")
    assert f"more than {SCRIPT.steps:,} steps in all" in last


def test_what_a_dialect_copies_at_each_level_is_counted() -> None:
    _, shape = NESTED["tables"]
    text = ";".join(f"INSERT INTO o{n} {shape(18)}" for n in range(100))
    assert read_script(text, "postgres", known).problems == ()
    script = read_script(text, "bigquery", known)
    assert script.statements[0].problem == ""
    assert f"more than {SCRIPT.steps:,} steps" in script.problems[0]


def test_a_limit_inside_a_procedure_is_told() -> None:
    _, shape = NESTED["tables"]
    deep = shape(MAX_DEPTH + 1)
    script = read_script(
        f"CREATE PROCEDURE p() BEGIN INSERT INTO o SELECT a FROM t; INSERT INTO o {deep}; END",
        "mysql",
    )
    assert any(f"more than {MAX_DEPTH} levels" in problem for problem in script.problems)
    assert ("o",) in [statement.writes for statement in script.statements]


def test_the_attempts_in_other_dialects_share_one_allowance() -> None:
    broken = "SELECT a FROM t, " + ", ".join(f"c{n}" for n in range(9_000)) + ")"
    script = read_script(broken, "postgres")
    assert script.steps <= PARSING.steps
    assert "cannot be read" in script.problems[0]


def test_putting_statements_together_is_bounded_too() -> None:
    terms = " + ".join(f"c{n}" for n in range(200))
    script = read_script(
        "CREATE TABLE x AS SELECT "
        + ", ".join(f"({terms}) AS c{n}" for n in range(30))
        + " FROM t;"
        "CREATE TABLE y AS SELECT "
        + ", ".join("(" + " + ".join(f"c{n}" for n in range(30)) + f") AS d{m}" for m in range(100))
        + " FROM x",
        "postgres",
        known,
    )
    assert script.problems == ()
    whole = script.end_to_end()
    assert (whole.reads, whole.writes, whole.columns) == (("t",), ("y",), ())
    assert "to put the statements together" in whole.problem


def test_a_long_expression_without_a_name_is_called_by_its_place() -> None:
    (statement,) = read_script("SELECT a, a + 1, " + "+".join("a" * 200) + " FROM t").statements
    assert statement.output == ("a", "a + 1", "column3")
