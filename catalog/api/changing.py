"""Addresses that change the mesh itself: under conditions, as a trial, refused in the words of the service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import conditions
from catalog.api.bodies import Body
from catalog.api.caller import person
from catalog.api.permissions import DryOrToken
from catalog.api.problems import Conflict, Invalid
from catalog.api.query import StrictView, choice
from catalog.api.schema import IF_MATCH, ONLY_NEW
from catalog.events import log as event_log
from catalog.models import User
from catalog.names import slugify
from catalog.people.refusals import ChangeRefused, KeyTaken
from catalog.people.viewers import forget_tokens
from catalog.registry.outcomes import Problem

_Row = TypeVar("_Row", bound=Model)
DRY_RUN = OpenApiParameter(
    "dryRun",
    bool,
    description="Write nothing; answer as if it were done. A reading token is enough.",
)
CREATES = [DRY_RUN]
STATES = [DRY_RUN, IF_MATCH, ONLY_NEW]
CHANGES = [DRY_RUN, IF_MATCH]
ENDS = [
    *CHANGES,
    OpenApiParameter("successor", str, description="Key of who gets everything that it has."),
]


class Changing(StrictView, Generic[_Row]):
    """Changes one row at a time, held from its conditions to its answer. Stands before the mixins."""

    permission_classes = [DryOrToken]
    takes = dict.fromkeys(("create", "update", "partial_update", "destroy"), ("dryRun",))

    @contextmanager
    def change(self, request: Request) -> Iterator[User]:
        """Let nobody else change the mesh meanwhile; what a trial did is undone. Yields who calls."""
        user = person(request)
        is_dry = choice(request, "dryRun", ("false", "true")) == "true"
        with _refusals(), transaction.atomic():
            event_log.lock()
            yield user
            if is_dry:
                transaction.set_rollback(True)

    def known(self, request: Request, rows: QuerySet[_Row]) -> _Row | None:
        """Return the row as the caller must know it, None where nothing is. Raises ChangedMeanwhile."""
        row = rows.first()
        if conditions.has_conditions(request):
            tag = None if row is None else conditions.tag_of(self.body(row))
            conditions.check_conditions(request, tag)
        return row

    def shown(self, request: Request, rows: QuerySet[_Row], *, is_new: bool = False) -> Response:
        """Answer with the row as it is now; with nothing where it went out of the caller's sight."""
        row = rows.first()
        if row is None:
            return Response(status=status.HTTP_204_NO_CONTENT)
        body = self.body(row)
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response(body, status=code, headers={"ETag": conditions.tag_of(body)})

    def body(self, row: _Row) -> dict[str, Any]:
        """Return a row in JSON, as its caller sees it now."""
        if isinstance(self.request.user, User):
            forget_tokens(self.request.user)
        view: Any = self
        return dict(view.get_serializer(row).data)


class Stated(Changing[_Row]):
    """Makes, states and changes rows that have a key and a name."""

    takes = {**Changing.takes, "destroy": ("dryRun", "successor")}
    body_class: type[Body[_Row]]
    edit_class: type[Body[_Row]]
    #: What a row is where nothing is said of it.
    bare: Mapping[str, Any]

    def save(self, key: str, said: Mapping[str, Any], by: User, *, is_new: bool) -> None:
        """Store a row that is stated whole; rows that it names may come as keys."""
        raise NotImplementedError

    def rename(self, row: _Row, key: str, by: User) -> None:
        """Give a row another key."""
        raise NotImplementedError

    def retire(self, row: _Row, successor: _Row | None, by: User) -> None:
        """End a row; what it has goes to the successor."""
        raise NotImplementedError

    def stated(self, row: _Row) -> Mapping[str, Any]:
        """Return what is stated of a row."""
        raise NotImplementedError

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return one; 304 when the caller holds just this (If-None-Match)."""
        view: Any = self
        return conditions.answer(request, self.body(view.get_object()))

    def create(self, request: Request) -> Response:
        """Make one: stewards of where it stands, and platform admins. 409 for a key that is taken."""
        said = _read(self.body_class(data=request.data))
        key = said.pop("key", "") or slugify(said["name"])
        with self.change(request) as user:
            self.save(key, {**self.bare, **said}, user, is_new=True)
            answer = self.shown(request, self._row(key), is_new=True)
        answer["Location"] = request.build_absolute_uri(f"{request.path}/{key}")
        return answer

    def update(self, request: Request, key: str) -> Response:
        """State one whole: 201 where it is new. What is left out is empty, or as usual."""
        said = _read(self.body_class(data=request.data))
        _same_key(said, key)
        with self.change(request) as user:
            is_new = self.known(request, self._row(key)) is None
            self.save(key, {**self.bare, **said}, user, is_new=is_new)
            return self.shown(request, self._row(key), is_new=is_new)

    def partial_update(self, request: Request, key: str) -> Response:
        """Change one, rename or move it: stewards of where it stands before and after, and platform admins."""
        said = _read(self.edit_class(data=request.data))
        view: Any = self
        with self.change(request) as user:
            row = self.known(request, self._row(key)) or view.get_object()
            if fresh := said.pop("key", ""):
                self.rename(row, fresh, user)
            self.save(fresh or key, {**self.stated(row), **said}, user, is_new=False)
            return self.shown(request, self._row(fresh or key))

    def destroy(self, request: Request, key: str) -> Response:
        """End an empty one, or hand all that it has to the `successor` (a key), which its addresses lead to."""
        heir = request.query_params.get("successor")
        view: Any = self
        with self.change(request) as user:
            row = self.known(request, self._row(key)) or view.get_object()
            self.retire(row, find_named("successor", heir, view.get_queryset()), user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _row(self, key: str) -> QuerySet[_Row]:
        view: Any = self
        rows: QuerySet[_Row] = view.get_queryset().filter(key=key)
        return rows


def _read(form: Body[_Row]) -> dict[str, Any]:
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


def _same_key(said: dict[str, Any], key: str) -> None:
    if said.pop("key", key) != key:
        raise Invalid([Problem("key", None, f"the address says {key}")])


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except KeyTaken as error:
        raise Conflict(str(error)) from error
    except ChangeRefused as error:
        raise Invalid([Problem(error.field, error.value, error.message)]) from error


def find_named(name: str, key: str | _Row | None, rows: QuerySet[_Row]) -> _Row | None:
    """Find what a body names by its key among what the caller sees; None says nothing. Raises Invalid."""
    if not isinstance(key, str):
        return key
    found = rows.filter(key=key).first()
    if found is None:
        raise Invalid([Problem(name, key, "nothing that you may see has this key")])
    return found
