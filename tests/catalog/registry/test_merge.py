"""The merge as a law: precedence, order, idempotence, and who said what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from catalog.registry.diff import diff
from catalog.registry.merge import Merged, Stamp, Statement, merge, origins
from catalog.registry.paths import Path, item_path, overlap

START = datetime(2026, 1, 1, tzinfo=UTC)
KINDS = ("harvested", "declared", "curated")

texts = st.sampled_from(["", "a", "b", "c"])
columns = st.lists(
    st.builds(
        lambda path, said: {"path": path, **said},
        st.sampled_from(["id", "day", "claim.id"]),
        st.dictionaries(st.sampled_from(["description", "type"]), texts, max_size=2),
    ),
    unique_by=lambda column: column["path"],
    max_size=3,
)
contents = st.fixed_dictionaries(
    {}, optional={"description": texts, "tags": st.lists(texts, max_size=2), "columns": columns}
)


@st.composite
def statements(draw: st.DrawFn) -> list[Statement]:
    sources = draw(
        st.lists(
            st.tuples(st.sampled_from(KINDS[:2]), st.sampled_from("xyz")), unique=True, max_size=4
        )
    )
    made = [
        Statement(kind, source, draw(contents), START + timedelta(hours=draw(st.integers(0, 3))))
        for kind, source in sources
    ]
    if draw(st.booleans()):
        made.append(Statement("curated", "portal", draw(contents), START))
    return made


@given(statements(), st.randoms())
def test_the_order_of_arrival_does_not_matter(said: list[Statement], random: Any) -> None:
    shuffled = list(said)
    random.shuffle(shuffled)
    assert merge(shuffled) == merge(said)


@given(statements())
def test_merging_twice_is_merging_once_and_leaves_the_statements_alone(
    said: list[Statement],
) -> None:
    before = repr(said)
    assert merge(said) == merge(said)
    assert repr(said) == before


@given(statements())
def test_what_did_not_change_has_no_difference(said: list[Statement]) -> None:
    assert diff("dataset", merge(said), merge(said)) == ()


@given(statements())
def test_the_winner_of_each_field_is_what_the_merge_shows(said: list[Statement]) -> None:
    merged = merge(said)
    for text, claims in origins(said).items():
        ranks = [(KINDS.index(claim.kind), claim.at, claim.source) for claim in claims]
        assert ranks == sorted(ranks, reverse=True)
        path = Path.parse(text)
        if path.item is None:
            assert merged.fields[path.name] == claims[0].value
        elif path.item in merged.items[path.name]:
            assert merged.items[path.name][path.item][path.field or ""] == claims[0].value
        else:
            assert {claim.kind for claim in claims} == {"curated"}


@given(statements())
def test_every_field_of_the_merge_has_an_origin(said: list[Statement]) -> None:
    merged, known = merge(said), origins(said)
    assert set(merged.fields) <= set(known)
    for name, items in merged.items.items():
        for key, item in items.items():
            assert {f"{item_path(name, key)}.{f}" for f in item if f != "path"} <= set(known)


@given(statements(), st.data())
def test_a_removed_statement_uncovers_the_one_below(
    said: list[Statement], data: st.DataObject
) -> None:
    if not said:
        return
    gone = data.draw(st.sampled_from(said))
    rest = [statement for statement in said if statement is not gone]
    for path, claims in origins(said).items():
        below = [
            claim for claim in claims if (claim.kind, claim.source) != (gone.kind, gone.source)
        ]
        if "[" not in path and below:
            assert merge(rest).fields[path] == below[0].value


@given(statements(), statements())
def test_a_difference_leads_from_one_state_to_the_other(
    first: list[Statement], second: list[Statement]
) -> None:
    before, after = merge(first), merge(second)
    forth = {(c.path, repr(c.before), repr(c.after)) for c in diff("dataset", before, after)}
    back = {(c.path, repr(c.after), repr(c.before)) for c in diff("dataset", after, before)}
    assert forth == back


def test_people_win_over_files_and_files_over_harvests_whatever_their_age() -> None:
    said = [
        Statement("curated", "portal", {"description": "person"}, START),
        Statement("declared", "git", {"description": "file"}, START + timedelta(days=1)),
        Statement("harvested", "crm", {"description": "store"}, START + timedelta(days=2)),
    ]
    assert merge(said).fields["description"] == "person"
    assert [claim.value for claim in origins(said)["description"]] == ["person", "file", "store"]


def test_of_two_sources_of_one_kind_the_newer_wins_and_both_stay_visible() -> None:
    said = [
        Statement("harvested", "a", {"description": "new"}, START + timedelta(hours=1)),
        Statement("harvested", "b", {"description": "old"}, START),
    ]
    assert merge(said).fields["description"] == "new"
    assert [claim.source for claim in origins(said)["description"]] == ["a", "b"]


def test_a_note_on_a_column_does_not_keep_it_alive() -> None:
    note = {"columns": [{"path": "old", "description": "mine"}]}
    curated = Statement("curated", "portal", note, START)
    harvest = Statement("harvested", "crm", {"columns": [{"path": "new"}]}, START)
    assert list(merge([curated, harvest]).items["columns"]) == [("new",)]


def test_a_field_answers_when_it_was_said_and_by_whom() -> None:
    at = START + timedelta(days=3)
    stamps = {"description": Stamp(at, 7)}
    said = Statement("curated", "portal", {"description": "x", "support": "y"}, START, 1, stamps)
    claims = origins([said])
    assert (claims["description"][0].at, claims["description"][0].by) == (at, 7)
    assert (claims["support"][0].at, claims["support"][0].by) == (START, 1)


def test_saying_a_default_aloud_changes_nothing() -> None:
    before = Merged({"description": ""}, {"columns": {("id",): {"path": "id"}}})
    after = Merged({"tags": []}, {"columns": {("id",): {"path": "id", "nullable": True}}})
    assert diff("dataset", before, after) == ()


def test_an_item_that_comes_or_goes_is_one_change() -> None:
    one = Merged({}, {"columns": {("id",): {"path": "id"}}})
    assert [change.path for change in diff("dataset", Merged(), one)] == ["columns[id]"]
    assert [change.after for change in diff("dataset", one, Merged())] == [None]


def test_paths_read_back_as_written() -> None:
    for text in ("description", "columns[a.b].type", "ports[out,sql,1].location", "columns[x[0]]"):
        assert str(Path.parse(text)) == text


def test_paths_overlap_where_one_holds_the_other() -> None:
    assert overlap("columns[a]", "columns[a].type")
    assert not overlap("columns[a]", "columns[ab]")
