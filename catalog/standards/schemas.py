"""A JSON Schema as a judge of documents: every fault with its path, value and what is allowed. Free of Django.

Source: JSON Schema draft 2019-09 and 2020-12; validated by jsonschema-rs, offline.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

import jsonschema_rs

from catalog.standards.diagnostics import Diagnostic, Pointer
from catalog.standards.reading import Document

_TYPES = {
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "nothing",
}
_BOUNDS = {
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minimum": "{} or more",
    "maximum": "{} or less",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "minProperties": "at least {} fields",
    "maxProperties": "at most {} fields",
}
_BRANCHES = ("allOf", "anyOf", "oneOf")
MOST = 200


class Schema:
    """A compiled schema."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self._schema = schema
        self._validator = jsonschema_rs.validator_for(schema, offline=True)

    def accepts(self, content: object) -> bool:
        """Tell quickly whether there is no fault."""
        return self._validator.is_valid(content)

    def faults(self, document: Document) -> list[Diagnostic]:
        """List what is wrong, in the order of the document; at most 200 faults."""
        if self.accepts(document.content):
            return []
        found: dict[tuple[Pointer, str], Diagnostic] = {}
        shadows: list[tuple[Pointer, str, Diagnostic]] = []
        for error in self._validator.iter_errors(document.content):
            for pointer, message in self._explain(error):
                one = document.diagnostic(pointer, message)
                is_vague = message == error.message
                if is_vague or error.kind.name == "unevaluatedProperties":
                    shadows.append((tuple(error.instance_path), message, one))
                else:
                    found.setdefault((pointer, message), one)
            if len(found) >= MOST:
                break
        for holder, message, one in shadows:
            # A branch that failed elsewhere leaves its fields unevaluated: those are no faults of their own.
            if not any(pointer[: len(holder)] == holder for pointer, _ in found if pointer):
                found.setdefault((holder, f"{one.path} {message}"), one)
        return sorted(found.values(), key=lambda one: (one.line, one.column))[:MOST]

    def _explain(self, error: Any) -> Iterable[tuple[Pointer, str]]:
        pointer: Pointer = tuple(error.instance_path)
        kind, name = error.kind, error.kind.name
        if name == "required":
            return [((*pointer, kind.property), "is required")]
        if name == "enum":
            return [(pointer, f"allowed are {_words(kind.options)}")]
        if name == "const":
            return [(pointer, f"allowed is {kind.expected_value}")]
        if name == "type":
            return [(pointer, f"must be {' or '.join(_TYPES.get(t, t) for t in kind.types)}")]
        if name == "pattern":
            return [(pointer, f"must match {kind.pattern}")]
        if name == "uniqueItems":
            return [(pointer, "the items of this list must differ from each other")]
        if name in {"additionalProperties", "unevaluatedProperties"}:
            return self._unknown(error, pointer)
        if name == "falseSchema":
            return [(pointer, "is not allowed here")]
        if name in _BOUNDS:
            return [(pointer, f"allowed are {_BOUNDS[name].format(kind.limit)}")]
        return self._of_branches(error, pointer)

    def _of_branches(self, error: Any, pointer: Pointer) -> Iterable[tuple[Pointer, str]]:
        kind, name = error.kind, error.kind.name
        if name == "not":
            names = kind.schema.get("required", []) if isinstance(kind.schema, dict) else []
            return [((*pointer, n), "is not allowed here") for n in names] or [
                (pointer, error.message)
            ]
        branches = [list(branch) for branch in getattr(kind, "context", ())]
        flat = [inner for branch in branches for inner in branch]
        wanted = self._choices(error)
        if wanted:
            faults = [
                w for w in wanted if isinstance(error.instance, Mapping) and w in error.instance
            ]
            if len(faults) != 1:
                found = f"; found {_words(faults)}" if faults else ""
                return [(pointer, f"exactly one of {_words(wanted)} is needed{found}")]
        deepest = [inner for inner in flat if len(inner.instance_path) > len(pointer)]
        if deepest:
            return [one for inner in deepest for one in self._explain(inner)]
        messages = dict.fromkeys(m for inner in flat for _, m in self._explain(inner))
        return [(pointer, " or ".join(messages) or error.message)]

    def _choices(self, error: Any) -> list[str]:
        """Return the fields of which exactly one is wanted, where the branches say so."""
        if error.kind.name != "oneOf":
            return []
        here = self._at(error.schema_path)
        if not isinstance(here, list):
            return []
        found = [branch.get("required", ()) for branch in here if isinstance(branch, dict)]
        is_choice = len(found) == len(here) and all(len(names) == 1 for names in found)
        return [names[0] for names in found] if is_choice else []

    def _unknown(self, error: Any, pointer: Pointer) -> list[tuple[Pointer, str]]:
        holder = self._at(list(error.schema_path)[:-1])
        allowed = sorted(self._names(holder))
        faults: list[tuple[Pointer, str]] = []
        for name in error.kind.unexpected:
            if name in allowed:
                faults.append(
                    ((*pointer, name), "does not go with the type or the other fields here")
                )
                continue
            near = get_close_matches(name, allowed, n=3, cutoff=0.6)
            hint = f"did you mean {_words(near)}?" if near else f"allowed are {_words(allowed)}"
            faults.append(((*pointer, name), f"unknown field; {hint}"))
        return faults

    def _at(self, path: Iterable[str | int]) -> Any:
        here: Any = self._schema
        for part in path:
            try:
                here = self._resolved(here["$ref"]) if part == "$ref" else here[part]
            except (KeyError, IndexError, TypeError):
                return None
        return here

    def _resolved(self, reference: str) -> Any:
        here: Any = self._schema
        for part in reference.removeprefix("#/").split("/"):
            here = here[part]
        return here

    def _names(self, schema: Any, seen: frozenset[str] = frozenset()) -> set[str]:
        if not isinstance(schema, dict):
            return set()
        names = set(schema.get("properties", ()))
        reference = schema.get("$ref")
        if reference and reference not in seen:
            names |= self._names(self._resolved(reference), seen | {reference})
        inner = [branch for word in _BRANCHES for branch in schema.get(word, ())]
        inner += [schema[word] for word in ("then", "else") if word in schema]
        for branch in inner:
            names |= self._names(branch, seen)
        return names


def _words(values: Iterable[object]) -> str:
    return ", ".join(map(str, values))
