"""Numbers that pass the checks of their kind, all from ranges set aside for fiction or tests.

Phone numbers lie in the ranges that Ofcom, ARCEP, the Bundesnetzagentur and NANPA reserve for
fiction, addresses of machines in the documentation blocks of RFC 5737, cards below test prefixes.
"""

from __future__ import annotations

import random

_PHONES = (
    ("+44 7700 900", 3),
    ("+44 20 7946 0", 3),
    ("+33 6 39 98 ", 4),
    ("+49 30 23125 ", 3),
    ("+1 212 555 01", 2),
)
_CARD_PREFIXES = ("411111", "400000", "555555", "520082")
_NETS = ("192.0.2.", "198.51.100.", "203.0.113.")

_SPELLED = {"NL": "232100", "GB": "161100", "DE": "131400"}
"""Country and two zeros as digits (A is 10, Z is 35)."""


def luhn_digit(digits: str) -> str:
    """Return the check digit that makes `digits` a valid card number (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def card(rng: random.Random) -> str:
    """Draw a payment card number of 16 digits."""
    body = rng.choice(_CARD_PREFIXES) + f"{rng.randrange(10**9):09d}"
    return body + luhn_digit(body)


def iban(rng: random.Random) -> str:
    """Draw an IBAN (ISO 13616) of a bank that does not exist."""
    country = rng.choice(("NL", "GB", "DE"))
    if country == "NL":
        body = f"TEST{rng.randrange(10**10):010d}"
    elif country == "GB":
        body = f"TEST{rng.randrange(10**14):014d}"
    else:
        body = f"99{rng.randrange(10**16):016d}"
    spelled = body.replace("TEST", "29142829") + _SPELLED[country]
    return f"{country}{98 - int(spelled) % 97:02d}{body}"


def citizen_number(rng: random.Random) -> str:
    """Draw a Dutch citizen service number, valid by the eleven test."""
    while True:
        digits = [rng.randrange(1, 9), *(rng.randrange(10) for _ in range(7))]
        rest = sum(weight * digit for weight, digit in zip(range(9, 1, -1), digits, strict=True))
        if rest % 11 < 10:
            return "".join(map(str, digits)) + str(rest % 11)


def phone(rng: random.Random) -> str:
    """Draw a phone number nobody has."""
    prefix, digits = rng.choice(_PHONES)
    return prefix + f"{rng.randrange(10**digits):0{digits}d}"


def ip_address(rng: random.Random) -> str:
    """Draw an address of the documentation networks."""
    return rng.choice(_NETS) + str(rng.randrange(1, 255))
