"""Many statements in one call."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import orjson
from django.conf import settings
from django.db import OperationalError
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import APIException, Throttled
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from catalog.api.caller import person
from catalog.api.permissions import DryOrToken
from catalog.api.problems import BadQuery, Conflict, Invalid
from catalog.api.push_answers import (
    NDJSON,
    ChosenLines,
    EveryLine,
    NdjsonRenderer,
    PushResponse,
    json_answer,
)
from catalog.api.query import StrictView, choice
from catalog.api.serializers.push import PushedSerializer
from catalog.api.streams import parts_of
from catalog.models import ApiToken, Push, User
from catalog.names import KEY, KEY_RULE
from catalog.push.body import Raw, lines
from catalog.push.call import Call
from catalog.push.idempotency import KeyInUse, Opened, TooManyPushes, open_call
from catalog.push.results import LineResult, Summary
from catalog.push.run import push
from catalog.push.spool import TooManyLines, held
from catalog.registry.outcomes import Problem

TYPES = (NDJSON, "application/ndjson", "application/jsonl")
_FLAGS = ("dryRun", "atomic", "complete", "confirm")
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


class CutShort(APIException):
    """The database stayed away; what was taken before stands."""

    status_code = 503
    wait = 2

    def __init__(self, count: int) -> None:
        super().__init__(
            f"The database does not answer. {count} lines were taken; send the same again, "
            "then they are unchanged."
        )


def _flag(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, str, enum=["true", "false"], description=description)


class PushView(StrictView):
    """Takes products, datasets, contracts, checks, results and lineage, a line each."""

    takes = {"post": (*_FLAGS, "source")}
    takes_pieces = True
    renderer_classes = (JSONRenderer, NdjsonRenderer)
    permission_classes = (DryOrToken,)

    @extend_schema(
        operation_id="push_create",
        parameters=[
            _flag("dryRun", "Write nothing; say of each line what it would change."),
            _flag("atomic", "All lines or none."),
            _flag("complete", "This is all of `source`: what it said before and not now is gone."),
            _flag("confirm", "Mark as gone even more than 30 %."),
            OpenApiParameter("source", str, description="Who speaks; needed with `complete`."),
            OpenApiParameter(
                "Idempotency-Key",
                str,
                OpenApiParameter.HEADER,
                description="The same call again within a day is answered the same.",
            ),
        ],
        request={NDJSON: OpenApiTypes.STR},
        responses={(200, "application/json"): PushedSerializer, (200, NDJSON): OpenApiTypes.STR},
    )
    def post(self, request: Request) -> HttpResponseBase:
        """Take statements, a JSON object on each line; a refused line leaves the good ones taken."""
        user = person(request)
        call = _call(request, user)
        key = _key(request)
        parts = parts_of(request, TYPES)
        opened = _opened(user, request.auth, key)
        digest = hashlib.sha256(request.META.get("QUERY_STRING", "").encode())
        watched = _watched(parts, opened, digest if key else None)
        if opened.earlier is not None:
            return _replayed(opened.earlier, watched, digest)
        try:
            return _pushed(request, call, opened, watched, digest)
        except BaseException:
            opened.fail()
            raise


def _pushed(
    request: Request, call: Call, opened: Opened, parts: Iterable[bytes], digest: Any
) -> HttpResponseBase:
    chosen = ChosenLines(is_dry=call.is_dry)
    is_every = request.accepted_renderer.media_type == NDJSON
    answer: PushResponse = EveryLine(is_dry=call.is_dry) if is_every else chosen
    count = 0

    def tell(result: LineResult) -> None:
        nonlocal count
        count += 1
        answer.tell(result)
        if is_every:
            chosen.tell(result)

    try:
        with _ready(lines(parts, settings.PUSH_MAX_LINE), call) as raws:
            summary = push(raws, call=call, tell=tell)
    except OperationalError as error:
        answer.close()
        raise CutShort(0 if call.is_whole else count) from error
    except TooManyLines as error:
        answer.close()
        raise Invalid([Problem("", None, str(error))]) from error
    _finish(opened, call, digest.hexdigest(), summary, chosen)
    return answer.response(summary)


def _ready(raws: Iterator[Raw], call: Call) -> AbstractContextManager[Iterator[Raw]]:
    if call.is_whole:
        return held(raws, most=settings.PUSH_MAX_ATOMIC_LINES)
    return nullcontext(raws)


def _finish(
    opened: Opened, call: Call, fingerprint: str, summary: Summary, chosen: ChosenLines
) -> None:
    """Keep the answer of a call whose body came to its end; what was cut off may come again."""
    if summary.stopped or call.is_dry:
        opened.fail()
        return
    kept = [orjson.loads(text) for text in chosen.refused]
    opened.finish(fingerprint, {"summary": summary.as_data(), "lines": kept})


def _replayed(earlier: Push, parts: Iterable[bytes], digest: Any) -> HttpResponseBase:
    for _ in parts:
        pass
    if digest.hexdigest() != earlier.fingerprint:
        message = "was used for another call within a day; take a new one"
        raise Invalid([Problem("Idempotency-Key", earlier.key, message)])
    known: dict[str, Any] = earlier.answer or {}
    lines = [orjson.dumps(line) for line in known.get("lines", ())]
    summary = known.get("summary", {})
    answer = json_answer(summary, lines, summary.get("refused", 0) - len(lines))
    answer["Idempotency-Replayed"] = "true"
    return answer


def _watched(parts: Iterable[bytes], opened: Opened, digest: Any) -> Iterator[bytes]:
    for part in parts:
        opened.touch()
        if digest is not None:
            digest.update(part)
        yield part


def _opened(user: User, auth: object, key: str) -> Opened:
    try:
        return open_call(user, auth if isinstance(auth, ApiToken) else None, key)
    except TooManyPushes as error:
        raise Throttled(wait=error.wait, detail=f"{error}.") from error
    except KeyInUse as error:
        raise Conflict("A call with this Idempotency-Key is running.") from error


def _key(request: Request) -> str:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return ""
    if not _KEY.fullmatch(key):
        message = "write 1 to 200 visible characters of ASCII"
        raise BadQuery([Problem("Idempotency-Key", key[:200], message)])
    return key


def _call(request: Request, user: User) -> Call:
    flags = {name: choice(request, name, ("false", "true")) == "true" for name in _FLAGS}
    source = request.query_params.get("source", "")
    problems = []
    if "source" in request.query_params and not KEY.match(source):
        problems.append(Problem("source", source, f"write {KEY_RULE}"))
    if flags["complete"] and not source:
        problems.append(Problem("source", None, "complete=true needs the source it is all of"))
    if flags["confirm"] and not flags["complete"]:
        problems.append(Problem("confirm", "true", "goes with complete=true alone"))
    if problems:
        raise BadQuery(problems)
    return Call(
        user,
        timezone.now(),
        source,
        is_dry=flags["dryRun"],
        is_atomic=flags["atomic"],
        is_complete=flags["complete"],
        is_confirmed=flags["confirm"],
    )
