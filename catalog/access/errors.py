"""What can go wrong around access, sorted by what the caller does next."""

from __future__ import annotations


class AccessError(Exception):
    """Base of all; `field` names the input at fault, empty when it is none."""

    def __init__(self, message: str, *, field: str = "") -> None:
        self.field = field
        self.message = message
        super().__init__(message)


class InvalidRequest(AccessError):
    """The input is wrong: say so beside the field (400)."""


class NotAllowed(AccessError):
    """This person may not do it (403)."""


class AlreadyRequested(AccessError):
    """An open request for the same port and grantee exists (409)."""


class AlreadyGranted(AccessError):
    """The grantee holds a current grant (409)."""


class AlreadyDecided(AccessError):
    """Somebody else was first, or the request or grant is closed (409)."""


class RequesterLeft(AccessError):
    """Who asked has no account any more that can sign in: reject the request (409)."""


class ProductClosed(AccessError):
    """The product takes no new requests (409); `successor` is `domain/key`, empty when none."""

    def __init__(self, message: str, *, successor: str = "") -> None:
        self.successor = successor
        super().__init__(message, field="port")
