"""What is said to one receiver in one go: the handshake, then events in order until one is not taken.

Runs beside others in threads and touches no database. The handshake is that of CloudEvents 1.0
(https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md, section 4).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from catalog.outbound.webhooks.addresses import Rules, TargetRefused, read_target, resolve
from catalog.outbound.webhooks.schedule import is_taken
from catalog.outbound.webhooks.signing import signed_headers
from catalog.outbound.webhooks.transport import ReceiverResponse, Unreachable, call
from catalog.standards.cloudevents import STRUCTURED

#: After so many seconds a receiver has had its turn.
TURN = 5.0
AGENT = "Gazetteer-Webhooks/1"


@dataclass(frozen=True, slots=True)
class Receiver:
    """Whom to call, with what. `origin` is the host name that Gazetteer asks permission for."""

    url: str
    secrets: tuple[str, ...]
    origin: str
    needs_handshake: bool
    rules: Rules
    timeout: float


@dataclass(frozen=True, slots=True)
class Message:
    """One event as it is sent; `number` is 0 for a test."""

    id: str
    number: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """How one call went: seconds it took, the answer if one came, what was wrong if anything was."""

    kind: str
    number: int
    took: float
    answer: ReceiverResponse | None
    problem: str


@dataclass(slots=True)
class Talk:
    """Everything said in one go. `taken` counts messages; `rate` is what the receiver allows a minute."""

    calls: list[Call] = field(default_factory=list)
    taken: int = 0
    is_verified: bool = False
    rate: int | None = None

    @property
    def failure(self) -> Call | None:
        """Return the last call when it failed."""
        return self.calls[-1] if self.calls and self.calls[-1].problem else None


def origin_of(public_url: str) -> str:
    """Return what the handshake calls this installation: its host name."""
    return urlsplit(public_url).hostname or ""


def talk(receiver: Receiver, messages: Sequence[Message], turn: float = TURN) -> Talk:
    """Say what there is to say, until a call fails or the turn is over; never raises for a receiver."""
    done = Talk(is_verified=not receiver.needs_handshake)
    begun = time.monotonic()
    if receiver.needs_handshake:
        done.calls.append(_handshake(receiver))
        if done.failure:
            return done
        done.is_verified = True
        answer = done.calls[-1].answer
        done.rate = answer.allowed_rate if answer else None
    for message in messages:
        if done.taken and time.monotonic() - begun > turn:
            break
        done.calls.append(_send(receiver, message))
        if done.failure:
            break
        done.taken += 1
    return done


def _handshake(receiver: Receiver) -> Call:
    headers = {"WebHook-Request-Origin": receiver.origin, "User-Agent": AGENT}
    done = _call(receiver, "handshake", 0, "OPTIONS", headers, b"")
    answer = done.answer
    if answer is None or done.problem:
        return done
    if answer.allowed_origin in ("*", receiver.origin):
        return done
    problem = (
        f"it does not allow events from {receiver.origin}:"
        " its answer to OPTIONS lacks WebHook-Allowed-Origin"
    )
    return Call("handshake", 0, done.took, answer, problem)


def _send(receiver: Receiver, message: Message) -> Call:
    headers = {
        "Content-Type": STRUCTURED,
        "User-Agent": AGENT,
        **signed_headers(receiver.secrets, message.id, int(time.time()), message.body),
    }
    kind = "event" if message.number else "test"
    return _call(receiver, kind, message.number, "POST", headers, message.body)


def _call(
    receiver: Receiver, kind: str, number: int, method: str, headers: dict[str, str], body: bytes
) -> Call:
    begun = time.monotonic()
    answer, problem = None, ""
    try:
        target = read_target(receiver.url, receiver.rules)
        addresses = resolve(target, receiver.rules)
        answer = call(method, target, addresses, headers, body, receiver.timeout)
        problem = "" if is_taken(answer.status) else _words(answer.status)
    except TargetRefused as error:
        problem = f"the address is not called: {error}"
    except Unreachable as error:
        problem = str(error)
    return Call(kind, number, time.monotonic() - begun, answer, problem)


def _words(status: int) -> str:
    if 300 <= status < 400:
        return f"it answered {status}; redirects are not followed"
    return f"it answered {status}"
