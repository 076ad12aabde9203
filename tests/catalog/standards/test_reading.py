"""Text of a document is read as meant, and whatever could harm is refused with its place."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.standards.diagnostics import Unreadable
from catalog.standards.reading import of_value, read
from catalog.standards.writing import to_json, to_yaml
from tests.budget import examples

LEVELS = "abcdefgh"
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{this}: &{this} [{', '.join(['*' + last] * 9)}]\n" for last, this in pairwise(LEVELS)
)
REFUSED = {
    "a: 1\nb: 2\na: 3": ("a", "twice", 3),
    '{"a": 1, "a": 2}': ("a", "twice", 0),
    "a: &a [*a]": ("a[0]", "alias", 1),
    "a: *b": ("a", "alias", 1),
    "a: .nan": ("a", "finite", 1),
    '{"a": NaN}': ("", "NaN", 0),
    "a: 1.0e+999": ("a", "finite", 1),
    '{"a": 1e999}': ("a", "finite", 0),
    "a: " + "9" * 30: ("a", "finite", 1),
    '{"a": ' + "9" * 5000 + "}": ("", "5000 digits", 0),
    "a: !!python/object:os.system {}": ("a", "tag", 1),
    "a: !!binary aGk=": ("a", "tag", 1),
    'a:\n  b: "\\0"': ("a.b", "NUL", 2),
    '{"a": "\\ud800"}': ("a", "surrogate", 0),
    "a: 1\n---\nb: 2": ("", "second document", 2),
    "x: " + "[" * 200 + "]" * 200: ("x" + "[0]" * 100, "deeper", 1),
    '{"a":' + "[" * 100_000 + "]" * 100_000 + "}": ("", "deeper", 0),
    "[1]": ("", "object", 0),
    "just text": ("", "object", 0),
    "": ("", "object", 0),
    '{"a": 1': ("", "JSON", 1),
    "a:\n  - b: [\n": ("", "YAML", 3),
    "? [1]\n: 2": ("", "plain text", 1),
    BOMB: ("g[0]", "1000000 values", 7),
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_could_harm_is_refused_with_its_place(text: str) -> None:
    path, said, line = REFUSED[text]
    with pytest.raises(Unreadable) as caught:
        read(text)
    fault = caught.value.diagnostic
    assert (fault.path, fault.line) == (path, line)
    assert said in fault.message


def test_a_name_that_stands_twice_is_found_in_one_pass() -> None:
    names = [*(f"n{number}" for number in range(50_000)), "n49999"]
    with pytest.raises(Unreadable) as refused:
        read("{" + ",".join(f'"{name}":0' for name in names) + "}")
    assert refused.value.diagnostic.path == "n49999"


def test_bytes_that_are_no_text_say_where() -> None:
    with pytest.raises(Unreadable, match="UTF-8") as caught:
        read(b"a: 1\nb: \xff")
    assert caught.value.diagnostic.line == 2


def test_dates_times_and_old_numbers_stay_as_written() -> None:
    text = "day: 2024-01-31\nat: 2024-01-31T10:00:00Z\nzip: 01067\nrange: 12:30\nyes: on\nnull: ~"
    assert read(text).content == {
        "day": "2024-01-31",
        "at": "2024-01-31T10:00:00Z",
        "zip": "01067",
        "range": "12:30",
        "yes": True,
        "null": None,
    }


def test_aliases_and_merges_are_written_out() -> None:
    text = "base: &base {a: 1, b: 2}\nmore: {<<: *base, b: 3}\nlist: [*base, *base]"
    assert read(text).content["more"] == {"a": 1, "b": 3}
    assert read(text).content["list"] == [{"a": 1, "b": 2}] * 2


def test_each_value_knows_its_line() -> None:
    document = read("a: 1\nb:\n  - c: 2\n    d: 3\n")
    assert document.place_of(("b", 0, "d")) == (4, 8)
    assert document.place_of(("b", 0, "missing")) == (3, 5)


def test_parsed_json_is_held_to_the_same_rules() -> None:
    for bad in ([1], {"a": float("nan")}, {"a": 2**64}, {"a\0": 1}, {"a": ["\ud800"]}):
        with pytest.raises(Unreadable):
            of_value(bad)


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs", "Cc"])), inner, max_size=4
        )
    ),
    max_leaves=20,
)


@settings(max_examples=examples(150), deadline=None)
@given(
    st.dictionaries(st.text(st.characters(exclude_categories=["Cs", "Cc"])), _VALUES, max_size=5)
)
def test_what_is_written_reads_back_equal(content: dict[str, object]) -> None:
    assert read(to_json(content)).content == content
    assert read(to_yaml(content)).content == content


@settings(max_examples=examples(300), deadline=None)
@given(st.text(max_size=200) | st.binary(max_size=200))
def test_any_text_is_read_or_refused(text: str | bytes) -> None:
    try:
        content = read(text).content
    except Unreadable:
        return
    json.dumps(content, allow_nan=False).encode()
