"""What a question means to an index: groups of alternatives, and what must not be there. Free of Django."""

from __future__ import annotations

from dataclasses import dataclass, replace

from catalog.search.query import Clause, Question, parse
from catalog.search.synonyms import Synonyms
from catalog.search.terms import MARK, exact_token


@dataclass(frozen=True, slots=True)
class Leaf:
    """Stems side by side, in one field or in any; the last may be the beginning of a longer word."""

    stems: tuple[str, ...]
    field: str = ""
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class Want:
    """One thing asked for: any of its leaves."""

    clause: Clause
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything asked for. `exact` is the token of the whole text as a name."""

    question: Question
    wants: tuple[Want, ...]
    refusals: tuple[tuple[Clause, Leaf], ...]
    statuses: frozenset[str]
    exact: str

    @property
    def excluded(self) -> tuple[Leaf, ...]:
        """What must not be there."""
        return tuple(leaf for _, leaf in self.refusals)

    def ranking(self) -> Plan:
        """Return what to rank by: the last word as finished, and words as written beside stems."""
        wants = []
        for want in self.wants:
            leaves = [replace(leaf, is_prefix=False) for leaf in want.leaves]
            if want.clause.is_plain:
                leaves.append(Leaf((MARK + want.clause.words[0],)))
            wants.append(Want(want.clause, tuple(dict.fromkeys(leaves))))
        return replace(self, wants=tuple(wants))

    def named(self) -> Plan:
        """Return the plain words of this plan, as words of a name."""
        wants = tuple(
            Want(want.clause, tuple(replace(leaf, field="name") for leaf in want.leaves))
            for want in self.wants
            if want.clause.is_plain
        )
        return replace(self, wants=wants, refusals=())


def plan_of(text: str, synonyms: Synonyms) -> Plan:
    """Read a question and add what means the same."""
    question = parse(text)
    wants = []
    statuses: set[str] = set()
    for clause in question.wanted:
        if clause.field == "status":
            statuses.update(clause.words)
            continue
        leaves = [Leaf(clause.stems, clause.field, clause.is_open)]
        if clause.is_open and not clause.words[0].startswith(clause.stems[0]):
            leaves.append(Leaf(clause.words, "", True))
        leaves += [Leaf(other, clause.field) for other in synonyms.of(clause.stems)]
        wants.append(Want(clause, tuple(leaves)))
    refusals = tuple((c, Leaf(c.stems, c.field)) for c in question.excluded if c.field != "status")
    exact = exact_token(" ".join(question.words)) if question.words else ""
    return Plan(question, tuple(wants), refusals, frozenset(statuses), exact)
