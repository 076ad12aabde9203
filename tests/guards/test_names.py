"""Modules and classes are named by the terms of the field, as docs/glossary.md has them."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

from tests.guards.test_import_graph import modules

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"
#: Participles and small words that say nothing to somebody who does not know the code yet.
UNCLEAR = {
    "told", "said", "held", "gone", "shown", "kept", "settled", "known", "deeds", "saying", "telling",
    "place", "places", "use", "past", "nudge",
}  # fmt: skip
#: Standard terms that contain such a word.
TERMS = {"dead_letters", "KeyInUse"}
#: One word may mean one thing: these name a class each, once in the whole product.
ONCE = {"Answer", "Place", "Author", "Grant", "Viewer", "Revision", "Layer", "Policy"}


def classes() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for name, path in modules().items():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                found[node.name.lstrip("_")].append(name)
    return found


def test_no_module_is_named_by_a_word_that_says_nothing() -> None:
    stems = {name: name.rpartition(".")[2] for name in modules()}
    unclear = [
        name
        for name, stem in stems.items()
        if stem not in TERMS and (UNCLEAR | {"letters"}) & set(stem.split("_"))
    ]
    assert unclear == []


def test_no_class_is_named_by_a_word_that_says_nothing() -> None:
    unclear = {
        name: where
        for name, where in classes().items()
        if name not in TERMS
        and UNCLEAR & {word.lower() for word in re.findall(r"[A-Z][a-z0-9]*", name)}
    }
    assert unclear == {}


def test_the_words_of_the_design_name_one_class_each() -> None:
    found = classes()
    assert {name: found[name] for name in ONCE if len(found[name]) > 1} == {}


def test_the_glossary_names_files_that_are_there() -> None:
    root = GLOSSARY.parents[1]
    named = re.findall(
        r"`((?:catalog|lineage|ingestors|portal|gazetteer)/[\w/.]+)`", GLOSSARY.read_text()
    )
    assert len(named) > 30
    assert [name for name in named if not (root / name).exists()] == []
