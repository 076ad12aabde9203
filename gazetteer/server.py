"""Calls to a Gazetteer: patient with one that is busy, clear about one that is not there."""

from __future__ import annotations

import gzip
import json
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import Any
from uuid import uuid4

import httpx

from gazetteer import __version__
from gazetteer.failures import Failure, Forbidden, NotFound, Refused, Unavailable, faults_of
from gazetteer.settings import Settings

#: Answers that say: the same again, later.
BUSY = frozenset({429, 502, 503, 504})
TRIES = 6
#: How many times longer a push may take than another call.
PATIENCE = 10
#: A push counts once by what it says, too; so one whose earlier try goes on for ever is sent as a new one.
TRIES_OF_A_KEY = 4
WHY = {409: "is still at the earlier try", 429: "asks to slow down"}
NDJSON = "application/x-ndjson"
#: Bytes from which on a body is packed.
WORTH_PACKING = 64 * 1024
#: Seconds.
LONGEST_WAIT = 120.0
FIRST_WAIT = 0.5
Say = Callable[[str], None]


class Server:
    """One Gazetteer, as one person. `tell` hears why something takes longer."""

    def __init__(
        self,
        settings: Settings,
        tell: Say = lambda _: None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.settings, self._tell, self._sleep = settings, tell, sleep
        headers = {"User-Agent": f"gazetteer/{__version__}", "Accept": "application/json"}
        if settings.token:
            headers["Authorization"] = f"Bearer {settings.token}"
        with self._clear():
            self._client = httpx.Client(
                headers=headers, timeout=settings.timeout, transport=transport
            )

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def get(self, path: str, **query: Any) -> Any:
        """Return what an address answers, as JSON. Raises Failure."""
        return self._json(self._send("GET", path, params=query))

    def find(self, path: str, **query: Any) -> Any:
        """Return what an address answers; None where there is nothing that one may see."""
        try:
            return self.get(path, **query)
        except NotFound:
            return None

    def rows(self, path: str, most: int, **query: Any) -> list[dict[str, Any]]:
        """Return the rows of a list that goes on from page to page, `most` at most."""
        page = self.get(path, **query)
        found: list[dict[str, Any]] = []
        while True:
            if not isinstance(page, dict) or not isinstance(page.get("results"), list):
                raise self._stranger()
            found += page["results"]
            following = page.get("next")
            if not following or len(found) >= most:
                return found[:most]
            query_of_next = httpx.URL(following).params
            page = self.get(path, **dict(query_of_next))

    def text(self, path: str, accept: str, **query: Any) -> str:
        """Return what an address answers as text of a media type. Raises Failure."""
        answer = self._send("GET", path, params=query, headers={"Accept": accept})
        if answer.headers.get("Content-Type", "").split(";")[0] != accept:
            raise self._stranger(answer)
        return answer.text

    def post_lines(
        self, path: str, lines: Sequence[bytes], key: str, **query: Any
    ) -> list[dict[str, Any]]:
        """Send lines of JSON that count once, however often they have to be sent; return those answered.

        `key` names this sending (Idempotency-Key). Raises Failure.
        """
        body = b"\n".join(lines)
        headers = {"Content-Type": NDJSON, "Accept": NDJSON, "Idempotency-Key": key}
        if len(body) > WORTH_PACKING:
            body, headers["Content-Encoding"] = gzip.compress(body, 6), "gzip"
        request = {"params": query, "content": body, "headers": headers}
        patient = httpx.Timeout(self.settings.timeout, read=self.settings.timeout * PATIENCE)
        answer = self._send("POST", path, is_repeatable=True, timeout=patient, **request)
        try:
            rows = [json.loads(line) for line in answer.content.splitlines() if line.strip()]
        except ValueError as error:
            raise self._stranger(answer) from error
        if not all(isinstance(row, dict) for row in rows):
            raise self._stranger(answer)
        return rows

    def _send(
        self, method: str, path: str, is_repeatable: bool = False, **said: Any
    ) -> httpx.Response:
        """Send, again after a pause where the server asks for it, or where nothing can be done twice."""
        may_repeat = is_repeatable or method == "GET"
        for tried in range(1, TRIES + 1):
            wait = min(FIRST_WAIT * 2 ** (tried - 1), LONGEST_WAIT)
            try:
                with self._clear():
                    answer = self._client.request(method, f"{self.settings.url}{path}", **said)
            except Unavailable as error:
                if not (may_repeat and _broke_off(error)) or tried == TRIES:
                    raise
                self._tell(f"the connection broke off; once more in {wait:.0f} s")
            else:
                is_running = is_repeatable and answer.status_code == 409  # an earlier try of ours
                if not (is_running or answer.status_code in BUSY) or tried == TRIES:
                    return self._checked(answer)
                wait = self._pause(answer, wait)
                if is_running and tried >= TRIES_OF_A_KEY:  # its process is dead, or it is slow
                    said["headers"]["Idempotency-Key"] = str(uuid4())
            self._sleep(wait)
        raise AssertionError("unreachable")

    def _pause(self, answer: httpx.Response, wait: float) -> float:
        asked = _seconds(answer.headers.get("Retry-After", ""))
        if asked is not None and asked > LONGEST_WAIT:
            raise Unavailable(f"{self._name} asks to come back in {asked:.0f} seconds")
        wait = max(asked or 0.0, wait if asked is None else 0.1)
        why = WHY.get(answer.status_code, "is busy")
        self._tell(f"the server {why} ({answer.status_code}); again in {wait:.1f} s")
        return wait

    @property
    def _name(self) -> str:
        return self.settings.url

    def _checked(self, answer: httpx.Response) -> httpx.Response:
        if answer.is_redirect:
            place = answer.headers.get("Location", "elsewhere")
            raise Unavailable(
                f"{self._name} sends on to {place}: if you trust that address, put it into GAZETTEER_URL"
            )
        if answer.is_success:
            return answer
        body = _json_of(answer)
        if not isinstance(body, dict) or "status" not in body:
            if answer.status_code >= 500:
                raise Unavailable(f"{self._name} answers {answer.status_code} {_reason(answer)}")
            raise self._stranger(answer)
        raise self._failure(answer.status_code, body)

    def _failure(self, status: int, body: Mapping[str, Any]) -> Failure:
        detail = str(body.get("detail") or body.get("title") or status)
        if status == 401:
            hint = (
                "check GAZETTEER_TOKEN"
                if self.settings.token
                else "put a token into GAZETTEER_TOKEN (your account menu, API tokens)"
            )
            return Forbidden(f"{self._name} does not know you: {detail} -- {hint}")
        if status == 403:
            return Forbidden(f"you may not do this: {detail}")
        if status == 404:
            return NotFound(detail)
        if status >= 500 or status == 429:
            return Unavailable(f"{self._name} answers {status}: {detail}")
        return Refused(detail, faults_of(body))

    def _json(self, answer: httpx.Response) -> Any:
        body = _json_of(answer)
        if body is None:
            raise self._stranger(answer)
        return body

    def _stranger(self, answer: httpx.Response | None = None) -> Unavailable:
        message = (
            f" (it answers {answer.status_code} {_reason(answer)})" if answer is not None else ""
        )
        return Unavailable(f"what answers at {self._name} is no Gazetteer{message}")

    @contextmanager
    def _clear(self) -> Iterator[None]:
        """Say in words what went wrong on the way."""
        try:
            yield
        except httpx.TimeoutException as error:
            message = "did not answer in time; --timeout or GAZETTEER_TIMEOUT gives it longer"
            raise Unavailable(f"{self._name} {message}") from error
        except httpx.ConnectError as error:
            if _is_about_tls(error):
                raise Unavailable(f"no safe connection to {self._name}: {error}. {_TLS}") from error
            raise Unavailable(f"no server answers at {self._name} ({error})") from error
        except (httpx.NetworkError, httpx.RemoteProtocolError) as error:
            raise Unavailable(f"{self._name} broke off the connection") from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise Unavailable(f"{self._name} cannot be called: {error}") from error


_TLS = "A certificate of your own organisation is named in SSL_CERT_FILE."


def _is_about_tls(error: BaseException) -> bool:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLError):
            return True
        seen = seen.__cause__ or seen.__context__
    return "SSL" in str(error)


def _broke_off(error: Unavailable) -> bool:
    cause = error.__cause__
    return isinstance(cause, httpx.NetworkError | httpx.RemoteProtocolError) and not isinstance(
        cause, httpx.ConnectError
    )


def _seconds(text: str) -> float | None:
    """Read a Retry-After header: seconds, or a date (RFC 9110)."""
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError):
        return None


def _reason(answer: httpx.Response) -> str:
    kind = answer.headers.get("Content-Type", "").split(";")[0]
    return f"with {kind}" if kind else "without a body"


def _json_of(answer: httpx.Response) -> Any:
    kind = answer.headers.get("Content-Type", "").split(";")[0].strip()
    if kind != "application/json" and not kind.endswith("+json"):
        return None
    try:
        return json.loads(answer.content)
    except ValueError:
        return None
