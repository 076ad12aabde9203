"""Whether keys hold: what is unique is once, what refers to something finds it. Free of Django."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from catalog.descriptors import KeyFinding
from ingestors.profile import statements
from ingestors.profile.subject import Subject
from ingestors.values import whole

#: Asks for a part of a profile that may be left out: (what it is, statement).
Ask = Callable[[str, str], Sequence[Sequence[object]] | None]


def key_findings(subject: Subject, relation: str, ask: Ask) -> list[KeyFinding]:
    """Test the keys of a dataset; those that the store refuses to test are left out."""
    found = []
    for key in subject.uniques:
        if rows := ask("keys", statements.unique(relation, key)):
            finding = KeyFinding(
                kind="unique",
                columns=list(key.columns),
                rows=whole(rows[0][0]),
                violations=whole(rows[0][1]),
            )
            found.append(finding)
    for reference in subject.references:
        if rows := ask("foreign keys", statements.orphans(relation, reference)):
            finding = KeyFinding(
                kind="foreign-key",
                columns=list(reference.columns),
                references=reference.name,
                rows=whole(rows[0][0]),
                violations=whole(rows[0][1]),
            )
            found.append(finding)
    return found
