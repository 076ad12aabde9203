"""Read the environment, typed and bounded.

A value that cannot be used raises ImproperlyConfigured with its variable, the value and what is allowed; a
variable that is set to nothing counts as not set. Secrets may stand in a file (`NAME_FILE`) and are never shown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import NoReturn, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import dj_database_url
from dj_database_url import DBConfig
from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")
DATABASE_SCHEMES = ("postgres", "postgresql", "sqlite")
MAX_SECRET_BYTES = 64 * 1024
Number = TypeVar("Number", int, float)


class Environment:
    """The variables of one process."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def text(self, name: str, default: str = "") -> str:
        """Read any text."""
        return self._variables.get(name, "").strip() or default

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Read yes or no."""
        text = self.text(name).lower()
        if text and text not in TRUE + FALSE:
            _refuse(name, text, f"allowed are {', '.join(TRUE + FALSE)}")
        return text in TRUE if text else default

    def integer(self, name: str, default: int, *, least: int, most: int) -> int:
        """Read a whole number between two bounds, both included."""
        return self._number(name, int, "a whole number", default, least, most)

    def decimal(self, name: str, default: float, *, least: float, most: float) -> float:
        """Read a number between two bounds, both included."""
        return self._number(name, float, "a number", default, least, most)

    def choice(self, name: str, allowed: Collection[str], default: str) -> str:
        """Read one of a few words; upper and lower case are the same."""
        text = self.text(name, default)
        for word in allowed:
            if word.casefold() == text.casefold():
                return word
        _refuse(name, text, f"allowed are {', '.join(allowed)}")

    def words(self, name: str, default: str = "") -> tuple[str, ...]:
        """Read words with commas between."""
        given = self.text(name, default).split(",")
        return tuple(word.strip() for word in given if word.strip())

    def networks(self, name: str, default: str = "") -> tuple[str, ...]:
        """Read networks with commas between, as `10.2.0.0/16`."""
        given = self.words(name, default)
        for word in given:
            try:
                ip_network(word, strict=False)
            except ValueError:
                _refuse(name, word, "write networks as 10.2.0.0/16, with commas between")
        return given

    def url(self, name: str, schemes: Collection[str], default: str = "") -> str:
        """Read a web address with a host and one of these schemes; the end has no slash."""
        text = self.text(name, default).rstrip("/")
        if text and not _is_url(text, schemes):
            _refuse(name, text, _url_form(schemes))
        return text

    def path(self, name: str, default: Path) -> Path:
        """Read the absolute path of a file or folder, which need not be there."""
        return Path(self.text(name) or default).resolve()

    def time_zone(self, name: str, default: str) -> str:
        """Read a name of the IANA time zone database."""
        text = self.text(name, default)
        try:
            ZoneInfo(text)
        except (ValueError, OSError, KeyError):
            _refuse(name, text, "write a name of the IANA time zone database, as Europe/Paris")
        return text

    def secret(self, name: str, default: str = "") -> str:
        """Read a secret from `NAME`, or from the file that `NAME_FILE` names."""
        file = self.text(f"{name}_FILE")
        if file and self.text(name):
            raise ImproperlyConfigured(f"{name} and {name}_FILE are both set; set one of them")
        return _content(f"{name}_FILE", file) if file else self.text(name, default)

    def secret_url(self, name: str, schemes: Collection[str], default: str = "") -> str:
        """Read an address that may hold a password, as `secret` does."""
        text = self.secret(name, default)
        if text and not _is_url(text, schemes):
            raise ImproperlyConfigured(f"{name} (not shown) cannot be used; {_url_form(schemes)}")
        return text

    def database(self, name: str, default: Path) -> DBConfig:
        """Read the address of a database, which is a secret; without one, SQLite in the file `default`."""
        text = self.secret(name, f"sqlite:///{default}")
        try:
            if text.partition(":")[0] not in DATABASE_SCHEMES:
                raise ValueError("scheme")
            return dj_database_url.parse(text, conn_max_age=60, conn_health_checks=True)
        except ValueError:
            allowed = ", ".join(DATABASE_SCHEMES)
            raise ImproperlyConfigured(
                f"{name} (not shown) cannot be used; write it as SCHEME://USER:PASSWORD@HOST:PORT/NAME,"
                f" special characters as %XX, with a scheme of {allowed}"
            ) from None

    def _number(
        self, name: str, kind: type[Number], what: str, default: Number, least: Number, most: Number
    ) -> Number:
        text = self.text(name)
        if not text:
            return default
        try:
            value = kind(text)
        except ValueError:
            value = most + 1
        if not least <= value <= most:
            _refuse(name, text, f"allowed is {what} from {least} to {most}")
        return value


def _refuse(name: str, value: str, allowed: str) -> NoReturn:
    raise ImproperlyConfigured(f"{name} is {value!r}; {allowed}")


def _is_url(text: str, schemes: Collection[str]) -> bool:
    try:
        address = urlsplit(text)
        has_port = address.port != 0
    except ValueError:
        return False
    return address.scheme in schemes and bool(address.hostname) and has_port


def _url_form(schemes: Collection[str]) -> str:
    return f"write it as SCHEME://HOST:PORT, with a scheme of {', '.join(schemes)}"


def _content(name: str, file: str) -> str:
    """Return a secret's file without the newline at its end."""
    try:
        with Path(file).open("rb") as opened:
            data = opened.read(MAX_SECRET_BYTES + 1)
        text = data.decode().strip()
    except OSError as error:
        _refuse(name, file, f"a file that can be read is wanted: {error.strerror}")
    except UnicodeDecodeError:
        _refuse(name, file, "a file of UTF-8 text is wanted")
    if not text or len(data) > MAX_SECRET_BYTES:
        _refuse(name, file, f"a file of 1 to {MAX_SECRET_BYTES} bytes is wanted")
    return text
