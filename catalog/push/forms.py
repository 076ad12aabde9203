"""How products, datasets and checks are written in a push, and what they are called here. Free of Django."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from catalog.fields import COLUMN_FIELDS, DATASET_FIELDS, PRODUCT_FIELDS, names_by
from catalog.names import ProductRef
from catalog.registry.outcomes import Problem
from catalog.standards.diagnostics import brief, path_of

_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True)
class Form:
    """The fields of an object by the names they are sent with; `inner` has those that hold objects."""

    names: Mapping[str, str]
    inner: Mapping[str, Form] = field(default_factory=dict)

    @cached_property
    def sent(self) -> Mapping[str, str]:
        """Return the names the fields are sent with, by ours."""
        return {ours: sent for sent, ours in self.names.items()}

    @cached_property
    def allowed(self) -> str:
        """Name the fields."""
        return ", ".join(self.names)


def address_fields(readable: str, home: str) -> dict[str, str]:
    """Return what a stated address says of a product; one without a domain is of `home`. Raises ValueError."""
    ref = ProductRef.stated(readable, home)
    fields = {"domain": ref.domain, "key": ref.key}
    return fields if readable == str(ref) else {**fields, "readable_key": readable}


def _form(names: str, **inner: Form) -> Form:
    return Form({name: _snake(name) for name in names.split()}, inner)


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


ADDRESS = _form("namespace name")
PORT = _form(
    "direction name major version displayName description technology location datasets upstream"
    " contract sunsetOn",
    datasets=ADDRESS,
)
OBJECTIVE = _form("key name port indicator comparison target unit windowDays element description")
CHECK = _form("key name dimension rule dataset column params severity description", dataset=ADDRESS)
COLUMN = Form(names_by("push", COLUMN_FIELDS))
REFERENCE = _form("columns namespace name references")
PRODUCT = Form(
    names_by("push", PRODUCT_FIELDS), {"ports": PORT, "objectives": OBJECTIVE, "checks": CHECK}
)
DATASET = Form(names_by("push", DATASET_FIELDS), {"columns": COLUMN, "foreignKeys": REFERENCE})


def fields_of(sent: Mapping[str, Any], form: Form) -> dict[str, Any]:
    """Return the fields under our names. Raises WrongFields for names that are not known."""
    problems: list[Problem] = []
    fields = _renamed(sent, form, "", problems)
    if problems:
        raise WrongFields(problems)
    return fields


class WrongFields(ValueError):
    """Some fields cannot be used; each problem names one as it was sent."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.path}: {p.message}" for p in problems))


def _renamed(
    sent: Mapping[str, Any], form: Form, path: str, problems: list[Problem]
) -> dict[str, Any]:
    names = form.names
    try:
        fields = {names[name]: value for name, value in sent.items()}
    except KeyError:
        problems += [
            Problem(
                f"{path}{name[:200]}", brief(value), f"unknown field; allowed are {form.allowed}"
            )
            for name, value in sent.items()
            if name not in names
        ]
        fields = {names[name]: value for name, value in sent.items() if name in names}
    for name, inner in form.inner.items():
        value = sent.get(name)
        if isinstance(value, list):
            fields[names[name]] = [
                _renamed(one, inner, f"{path}{name}[{place}].", problems)
                if isinstance(one, dict)
                else one
                for place, one in enumerate(value)
            ]
        elif isinstance(value, dict):
            fields[names[name]] = _renamed(value, inner, f"{path}{name}.", problems)
    return fields


def made(model: type[_Model], fields: Mapping[str, Any], form: Form) -> _Model:
    """Make a descriptor. Raises WrongFields."""
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        raise WrongFields(
            [
                Problem(_sent_place(one["loc"], form), brief(one.get("input")), one["msg"])
                for one in error.errors(include_url=False, include_context=False)
            ]
        ) from error


def _sent_place(place: Iterable[str | int], form: Form | None) -> str:
    parts: list[str | int] = []
    for part in place:
        name = form.sent.get(part, part) if form and isinstance(part, str) else part
        if form and isinstance(part, str):
            form = form.inner.get(str(name))
        parts.append(name)
    return path_of(parts)


def sent_path(path: str, form: Form) -> str:
    """Return a path of the door (`columns[id].native_type`) under the names that are sent."""
    base, bracket, last = path.rpartition("].")
    name, opened, rest = (base if bracket else path).partition("[")
    if not opened:
        name, dot, rest = path.partition(".")
        return f"{form.sent.get(name, name)}{dot}{rest}"
    top = form.sent.get(name, name)
    if not bracket:
        return f"{top}[{rest}"
    inner = form.inner.get(top)
    return f"{top}[{rest}].{inner.sent.get(last, last) if inner else last}"


def as_sent(problems: Iterable[Problem], form: Form) -> tuple[Problem, ...]:
    """Return problems of the door under the names that are sent."""
    return tuple(Problem(sent_path(p.path, form), p.value, p.message, p.refusal) for p in problems)
