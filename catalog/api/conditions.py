"""Conditional requests: entity tags of what is answered, compared as RFC 9110 says (8.8.3, 13.1)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rest_framework import status
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.problems import BadQuery, ChangedMeanwhile
from catalog.registry.outcomes import Problem

_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_ITEM = re.compile(rf"[ \t]*(?:({_TAG})[ \t]*)?(?:,|$)")


@dataclass(frozen=True, slots=True)
class Tags:
    """What a condition names: any representation (`*`), or some tags."""

    is_any: bool
    tags: frozenset[str] = frozenset()

    def holds_strongly(self, current: str | None) -> bool:
        """Compare strongly: a weak tag equals nothing. None: nothing is there."""
        if current is None:
            return False
        return self.is_any or (current in self.tags and not current.startswith("W/"))

    def holds_weakly(self, current: str | None) -> bool:
        """Compare weakly: `W/` makes no difference. None: nothing is there."""
        if current is None:
            return False
        return self.is_any or _opaque(current) in {_opaque(tag) for tag in self.tags}


def tag_of(body: Mapping[str, Any]) -> str:
    """Return the strong tag of an answer: it changes with the smallest change of what is shown."""
    digest = hashlib.sha256(JSONRenderer().render(body)).hexdigest()[:16]
    return f'"{body["revision"]}-{digest}"' if "revision" in body else f'"{digest}"'


def answer(request: Request, body: Mapping[str, Any]) -> Response:
    """Answer a reading call with a tag; 304 when the caller holds it already, 412 for If-Match."""
    return answer_tagged(request, tag_of(body), body)


def answer_tagged(request: Request, tag: str, body: Any) -> Response:
    """Answer a reading call whose tag is known; 304 when the caller holds it, 412 for If-Match."""
    wanted, known = _read(request, "If-Match"), _read(request, "If-None-Match")
    if wanted is not None and not wanted.holds_strongly(tag):
        raise ChangedMeanwhile
    if known is not None and known.holds_weakly(tag):
        return Response(status=status.HTTP_304_NOT_MODIFIED, headers={"ETag": tag})
    return Response(body, headers={"ETag": tag})


def has_conditions(request: Request) -> bool:
    """Tell whether a writing call depends on what is there now. Raises BadQuery."""
    return any(_read(request, name) is not None for name in ("If-Match", "If-None-Match"))


def check_conditions(request: Request, current: str | None) -> None:
    """Raise ChangedMeanwhile when a writing call does not want what is there (None: nothing)."""
    wanted, known = _read(request, "If-Match"), _read(request, "If-None-Match")
    if wanted is not None and not wanted.holds_strongly(current):
        raise ChangedMeanwhile
    if known is not None and known.holds_weakly(current):
        raise ChangedMeanwhile("It is there already, and If-None-Match asks for it not to be.")


def _read(request: Request, name: str) -> Tags | None:
    text = request.headers.get(name)
    if text is None:
        return None
    text = text.strip()
    if text == "*":
        return Tags(True)
    tags, place = set(), 0
    while place < len(text) and (item := _ITEM.match(text, place)):
        tags |= {item[1]} if item[1] else set()
        place = item.end()
    if not tags or place < len(text):
        message = 'write *, or entity tags in quotes as an ETag header gave them: "a", W/"b"'
        raise BadQuery([Problem(name, text[:200], message)])
    return Tags(False, frozenset(tags))


def _opaque(tag: str) -> str:
    return tag.removeprefix("W/")
