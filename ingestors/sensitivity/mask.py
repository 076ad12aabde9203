"""Replace sensitive values by what keeps their form and tells nothing of the person.

Masking is deterministic: equal values give equal masks. Nothing stays nothing.
"""

from __future__ import annotations

import re

import phonenumbers

from catalog.descriptors import JsonValue
from catalog.descriptors import Sensitivity as S
from ingestors.values import text_of

DOTS = "•••"


def mask(value: JsonValue, sensitivity: S) -> JsonValue:
    """Return the masked form of a value; null and empty text stay as they are."""
    if value is None or value == "" or sensitivity is S.NONE:
        return value
    text = text_of(value).strip()
    if sensitivity is S.EMAIL:
        return _email(text)
    if sensitivity is S.PHONE:
        return _phone(text)
    if sensitivity is S.PERSON_NAME:
        return _name(text)
    if sensitivity is S.BIRTH_DATE:
        return _birth_date(text)
    if sensitivity is S.BANK_ACCOUNT:
        return _bank_account(text)
    if sensitivity in (S.PAYMENT_CARD, S.NATIONAL_ID, S.IP_ADDRESS):
        return _shape(text)
    if sensitivity is S.LOCATION:
        return _location(text)
    if sensitivity is S.FREE_TEXT:
        return f"{DOTS} ({_about(len(text))} characters)"
    return DOTS


def _email(text: str) -> str:
    local, at, host = text.rpartition("@")
    if not at:
        return DOTS
    first = local[0] if len(local) > 2 and local[0].isalnum() else ""
    ending = host.rpartition(".")[2]
    return f"{first}{DOTS}@{DOTS}.{ending}" if ending.isalpha() else f"{first}{DOTS}@{DOTS}"


def _phone(text: str) -> str:
    if text.startswith(("+", "00")):
        try:
            number = phonenumbers.parse("+" + text.lstrip("+0"), None)
        except phonenumbers.NumberParseException:
            return DOTS
        return f"+{number.country_code} {DOTS}"
    return DOTS


def _name(text: str) -> str:
    first = text[0]
    return f"{first.upper()}{DOTS}" if first.isalpha() and len(text) > 2 else DOTS


def _birth_date(text: str) -> str:
    year = re.match(r"((?:19|20)\d)\d-\d{1,2}-\d{1,2}", text)
    return f"{year.group(1)}•-••-••" if year else _shape(text)


def _bank_account(text: str) -> str:
    country = text[:2] if re.match(r"[A-Z]{2}\d{2}", text) else ""
    return country + _shape(text[len(country) :])


def _shape(text: str) -> str:
    return re.sub(r"[^\W_]", "•", text[:40])


def _location(text: str) -> str:
    return re.sub(r"\.\d+", ".•••", text[:60]) if re.search(r"\.\d", text) else DOTS


def _about(length: int) -> str:
    if length < 20:
        return "under 20"
    step = 10 ** (len(str(length)) - 1)
    return f"about {length // step * step}"
