"""Whatever answers, or does not: one clear sentence, an exit code, and never the token."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from gazetteer.failures import Exit, Failure, Unavailable
from gazetteer.main import run
from gazetteer.server import Server
from gazetteer.settings import Settings, read_settings

TOKEN = "gz_secret-of-alice"
Answer = Callable[[httpx.Request], httpx.Response]


@contextmanager
def server(answer: Answer, waits: list[float] | None = None) -> Iterator[Server]:
    slept = waits if waits is not None else []
    made = Server(
        Settings("https://gz.example.org", TOKEN, 5),
        transport=httpx.MockTransport(answer),
        sleep=slept.append,
    )
    try:
        yield made
    finally:
        made.close()


def problem(status: int, detail: str = "because", **more: object) -> httpx.Response:
    body = {"type": "about:blank", "title": "T", "status": status, "detail": detail, **more}
    return httpx.Response(status, json=body, headers={"Content-Type": "application/problem+json"})


def refusing(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("Connection refused", request=request)


def slow(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("timed out", request=request)


def unsafe(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed", request=request)


def page(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, html="<h1>Welcome</h1>")


FAILURES: dict[str, tuple[Answer, Exit, str]] = {
    "no server": (refusing, Exit.UNAVAILABLE, "no server answers at https://gz.example.org"),
    "time-out": (slow, Exit.UNAVAILABLE, "did not answer in time"),
    "TLS": (unsafe, Exit.UNAVAILABLE, "SSL_CERT_FILE"),
    "a web page": (page, Exit.UNAVAILABLE, "is no Gazetteer"),
    "a web page that is missing": (
        lambda _: httpx.Response(404, html="<h1>404</h1>"),
        Exit.UNAVAILABLE,
        "is no Gazetteer",
    ),
    "no JSON, though it says so": (
        lambda _: httpx.Response(200, text="{", headers={"Content-Type": "application/json"}),
        Exit.UNAVAILABLE,
        "is no Gazetteer",
    ),
    "a redirect": (
        lambda _: httpx.Response(302, headers={"Location": "https://login.example.org"}),
        Exit.UNAVAILABLE,
        "sends on to https://login.example.org",
    ),
    "401": (lambda _: problem(401), Exit.FORBIDDEN, "check GAZETTEER_TOKEN"),
    "403": (lambda _: problem(403), Exit.FORBIDDEN, "you may not do this: because"),
    "404": (lambda _: problem(404), Exit.NOT_FOUND, "because"),
    "422": (
        lambda _: problem(422, errors=[{"path": "a", "value": 1, "message": "no"}]),
        Exit.REFUSED,
        "because",
    ),
    "500": (lambda _: problem(500), Exit.UNAVAILABLE, "answers 500"),
    "500 of a proxy": (
        lambda _: httpx.Response(500, html="<h1>Oops</h1>"),
        Exit.UNAVAILABLE,
        "answers 500",
    ),
    "always busy": (lambda _: problem(503), Exit.UNAVAILABLE, "answers 503"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_each_failure_has_its_words_and_exit_code(name: str) -> None:
    answer, code, words = FAILURES[name]
    with server(answer) as gazetteer, pytest.raises(Failure) as raised:
        gazetteer.get("/api/v1/search")
    assert (raised.value.exit, words in str(raised.value)) == (code, True), str(raised.value)
    assert TOKEN not in f"{raised.value} {raised.value.faults} {raised.value!r}"


def test_a_busy_server_is_asked_again_when_it_says() -> None:
    said = iter(["3", "Wed, 21 Oct 2015 07:28:00 GMT", "", None])
    keys = []

    def busy(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["Idempotency-Key"])
        wait = next(said)
        if wait is None:
            return httpx.Response(200, text='{"summary": {}}\n')
        return httpx.Response(429, headers={"Retry-After": wait} if wait else {})

    waits: list[float] = []
    with server(busy, waits) as gazetteer:
        assert gazetteer.post_lines("/api/v1/push", [b"{}"], "a-key") == [{"summary": {}}]
    assert waits == [3.0, 0.1, 2.0]
    assert keys == ["a-key"] * 4


def test_a_server_that_asks_for_too_long_a_pause_is_left() -> None:
    waits: list[float] = []
    answer = httpx.Response(503, headers={"Retry-After": "86400"})
    with server(lambda _: answer, waits) as gazetteer, pytest.raises(Unavailable) as raised:
        gazetteer.get("/")
    assert (waits, "86400 seconds" in str(raised.value)) == ([], True)


def test_what_broke_off_is_sent_again_with_the_same_key() -> None:
    tries: list[httpx.Request] = []

    def dying(request: httpx.Request) -> httpx.Response:
        tries.append(request)
        if len(tries) == 1:
            raise httpx.RemoteProtocolError("peer closed", request=request)
        if len(tries) == 2:
            return problem(409, "the same push is still running")
        return httpx.Response(200, text='{"summary": {}}\n')

    with server(dying) as gazetteer:
        gazetteer.post_lines("/api/v1/push", [b"{}"], "a-key")
    assert [one.headers["Idempotency-Key"] for one in tries] == ["a-key"] * 3


def test_a_try_that_seems_to_go_on_for_ever_is_left_for_a_new_one() -> None:
    keys: list[str] = []

    def dead(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["Idempotency-Key"])
        if keys[-1] != "a-key":
            return httpx.Response(200, text='{"summary": {}}\n')
        if len(keys) == 1:
            raise httpx.ReadError("reset by peer", request=request)
        return problem(409, "A call with this Idempotency-Key is running.")

    with server(dead) as gazetteer:
        assert gazetteer.post_lines("/api/v1/push", [b"{}"], "a-key") == [{"summary": {}}]
    assert (keys[:-1], keys[-1] != "a-key") == (["a-key"] * 4, True)


def test_a_long_body_is_packed() -> None:
    seen: list[httpx.Request] = []

    def take(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, text='{"summary": {}}\n')

    with server(take) as gazetteer:
        gazetteer.post_lines("/api/v1/push", [b'{"a": "%s"}' % (b"x" * 100_000)], "k")
    assert seen[0].headers["Content-Encoding"] == "gzip"
    assert len(seen[0].content) < 2_000


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("gazetteer.example.org", "is no address"),
        ("ftp://x", "is no address"),
        ("http://[::1", "is no address"),
        ("https://me:pass@gz.example.org", "holds a password"),
    ],
)
def test_an_address_that_is_none_is_wrong_usage(
    url: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["search", "x", "--url", url]) == 64
    said = capsys.readouterr().err
    assert words in said
    assert "pass@" not in said


def test_a_token_that_cannot_be_sent_is_not_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GAZETTEER_TOKEN", f"{TOKEN}\nX-Other: 1")
    assert run(["search", "x", "--json"]) == 64
    said = capsys.readouterr()
    assert TOKEN not in said.out + said.err
    assert "holds characters that no token has" in said.out


def test_settings_do_not_show_the_token() -> None:
    made = read_settings("https://gz.example.org/", 5, {"GAZETTEER_TOKEN": f" {TOKEN}\n"})
    assert (made.token, made.url) == (TOKEN, "https://gz.example.org")
    assert TOKEN not in repr(made)


def test_a_server_that_dies_in_the_middle_of_a_push_is_told(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.gazetteer.folders import write_folder

    folder = write_folder(tmp_path_factory.mktemp("a") / "b")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

        def die() -> None:
            connection, _ = listening.accept()
            connection.recv(1000)
            listening.close()
            connection.close()

        dying = threading.Thread(target=die)
        dying.start()
        code = run(["push", str(folder), "--url", f"http://127.0.0.1:{port}"])
        dying.join(10)
    said = capsys.readouterr().err
    assert (code, "Traceback" in said) == (5, False)
    assert "the connection broke off; once more" in said
    assert "no server answers" in said
