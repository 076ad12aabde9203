"""Say in words why a document was found. Free of Django."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from catalog.search.identifiers import name_tokens, prose_words, stem
from catalog.search.plan import Plan
from catalog.search.terms import exact_token
from catalog.search.types import Document, Match

#: The parts of a card that explain a hit, in the order of their weight.
PARTS = ("name", "key", "tag", "column", "dataset", "port", "domain", "owner", "description")
MOST_MATCHES = 6
_LONG = ("description",)


def card_of(document: Document) -> dict[str, Any]:
    """Keep of a document what explains a hit later."""
    return {
        "name": [document.name],
        "key": [document.key],
        "tag": list(document.tags),
        "column": [c.name for c in document.columns][:400],
        "dataset": [d.name for d in document.datasets][:100],
        "port": [p.name for p in document.ports],
        "domain": [document.domain],
        "owner": [document.team, *document.owners],
        "description": [document.description[:2000]],
        "certified": document.is_certified,
    }


def matches(plan: Plan, card: Mapping[str, Any]) -> tuple[Match, ...]:
    """Return where a document met the question, the weightiest first."""
    stems = {s for want in plan.wants for leaf in want.leaves for s in leaf.stems}
    opens = tuple(leaf.stems[-1] for w in plan.wants for leaf in w.leaves if leaf.is_prefix)
    found: list[Match] = []
    for part in PARTS:
        for text in card.get(part, ()):
            if text and _meets(text, part, stems, opens):
                found.append(Match(part, _shown(text, part, stems, opens)))
        if len(found) >= MOST_MATCHES:
            break
    return tuple(found[:MOST_MATCHES])


def _meets(text: str, part: str, stems: set[str], opens: Sequence[str]) -> bool:
    tokens: Iterable[str] = (
        [stem(word) for word in prose_words(text)] if part in _LONG else name_tokens(text)
    )
    return any(token in stems or token.startswith(tuple(opens)) for token in tokens)


def _shown(text: str, part: str, stems: set[str], opens: Sequence[str]) -> str:
    if part not in _LONG:
        return text
    words = text.split()
    for place, word in enumerate(words):
        if _meets(word, part, stems, opens):
            start = max(0, place - 4)
            return ("… " if start else "") + " ".join(words[start : place + 8])
    return text[:80]


def reasons(
    plan: Plan, card: Mapping[str, Any], found: Sequence[Match], quality: float | None, use: int
) -> tuple[str, ...]:
    """Say what counted: `name matches ‘claims’`, `column claim_date`, `quality 92`."""
    sentences = []
    if plan.exact and plan.exact in map(exact_token, (*card["name"], *card["key"])):
        sentences.append("exact name")
    for match in found:
        if match.field == "name":
            typed = " ".join(c.text for c in plan.question.wanted if not c.field)
            sentences.append(f"name matches ‘{typed}’")
        elif match.field == "description":
            sentences.append("description")
        else:
            sentences.append(f"{match.field} {match.value}")
    if card.get("certified"):
        sentences.append("certified")
    if quality is not None:
        sentences.append(f"quality {quality:.0f}")
    if use:
        sentences.append(f"used by {use}")
    return tuple(dict.fromkeys(sentences))
