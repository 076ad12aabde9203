"""The evidence of values: is this whole value an e-mail address, a card number, an IBAN …?"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache

import phonenumbers
from stdnum import iban, imei, luhn

from catalog.descriptors import Sensitivity as S

EMAIL = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._%+'-]{0,63}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.)+[A-Za-z]{2,24}"
)
_CARD = re.compile(r"\d{4}([ -]?)\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -]?)\d{6}\2\d{5}")
_ISSUER = re.compile(
    r"4\d{12}(?:\d{3}(?:\d{3})?)?|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"
    r"|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|5\d\d|4[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}"
)
_IBAN = re.compile(r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}", re.IGNORECASE)
_NORTH_AMERICAN = re.compile(
    r"(?:\+?1[ .-]?)?(?:\(\d{3}\) ?|\d{3}[.-])\d{3}[.-]\d{4}(?: ?x\d{1,6})?"
)
_GROUPED = re.compile(r"(?:\(?0\d{1,5}\)?[ /-])\d{2,8}(?:[ -]\d{2,6}){0,4}")
_PLUS = re.compile(r"(?:\+|00)\d[\d ().\-/]{6,20}\d")
_CREDENTIAL = re.compile(
    r"(?:AKIA|ASIA)[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}"
    r"|[rs]k_(?:live|test)_[A-Za-z0-9]{10,}|xox[abprs]-[A-Za-z0-9-]{10,}|AIza[\w-]{35}"
    r"|SG\.[\w-]{16,}\.[\w-]{16,}|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*|\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}"
    r"|\$argon2(?:id?|d)\$\S+|\$[156]\$\S{8,}|-----BEGIN [A-Z ]*PRIVATE KEY-----|\{SSHA\}\S+"
    r"|pbkdf2_sha\d+\$\S+|npm_[A-Za-z0-9]{30,}|dckr_pat_[\w-]{20,}|hvs\.[\w-]{20,}"
)
_URL_LOGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/@:]+:[^\s/@]+@\S+", re.IGNORECASE)
_IP4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?")
_IP6 = re.compile(r"[0-9A-Fa-f:]{2,39}(?:%\w+)?(?:/\d{1,3})?")
#: The bodies that give out IMEIs (first two digits).
_IMEI_BODIES = frozenset(
    {"01", "35", "86", "91", "98", "99", "44", "45", "49", "50", "51", "52", "53", "54"}
)
_MAC = re.compile(r"[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}")
_STREET = re.compile(
    r"\d{1,6}[A-Za-z]?,? (?:[\w.'’-]+ ){1,5}(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|"
    r"boulevard|blvd|court|ct|way|place|pl|terrace|square|sq|parkway|pkwy|crescent|close|circle)\b\.?"
    r"|[\w.'’ -]*(?:stra(?:ß|ss)e|str\.|gasse|weg|platz|allee|straat|laan)\s+\d{1,4}\s?[a-z]?\b"
    r"|\d{1,4},? (?:bis |ter )?(?:rue|avenue|av\.|boulevard|bd|chemin|place|quai) .+"
    r"|(?:calle|via|rua|avenida|av\.|piazza|viale|corso) .+ \d{1,4}\b|p\.? ?o\.? box \d+",
    re.IGNORECASE,
)
_ICD10 = re.compile(r"[A-TV-Z]\d[0-9A-B](?:\.[0-9A-Z]{1,4})?")
_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
_VIN_VALUES = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True)
)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_PLATE = re.compile(r"(?=.*\d)(?=.*[^\W\d_])[^\W_]{1,4}(?:[ ·.-]?[^\W_]{1,5}){1,3}")
_DEVICE_UUID = re.compile(
    r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}|[0-9A-Fa-f]{14,64}"
)
_HANDLE = re.compile(r"@?[^\W_][\w.\-]{1,40}(?:#\d{4})?")
_DEGREES = re.compile(
    r"\d{1,3}°\s*\d{1,2}['′’]\s*(?:\d{1,2}(?:\.\d+)?[\"″”])?\s*[NSEWO].*|geo:-?\d.*"
    r"|(?:SRID=\d+;)?POINT\s*Z?\s*\(\s*-?\d.*\)|-?\d{1,3}\.\d{3,}°?\s*[NS],?\s*-?\d{1,3}\.\d{3,}°?\s*[EWO]",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"(?:[A-ZÀ-Þ][\w'’.-]*)(?:,? (?:(?:de|van|von|der|da|di|del|la|le) )?[A-ZÀ-Þ][\w'’.-]*){0,3}"
)
#: Words of letters, the first of each a capital where the script has them.
_NAME_ANY = re.compile(r"[^\W\d_]+(?:['’.\-·・]?[^\W\d_]+)*")
_DAY_HAN = re.compile(
    r"(?P<y>(?:19|20)\d\d)年\d{1,2}月(?:\d{1,2}日)?|(?P<z>(?:19|20)\d\d)년 ?\d{1,2}월.*"
)
_DAY_WORDS = re.compile(
    r"\d{1,2}\.?[ -](?:of )?[^\W\d]{3,12}\.?,?[ -](?P<y>(?:19|20)\d\d)|[^\W\d]{3,12}\.? \d{1,2},? (?P<z>(?:19|20)\d\d)"
)
_COORDINATE = re.compile(r"-?\d{1,3}\.\d{3,}")
_PAIR = re.compile(r"\(?-?\d{1,3}\.\d{3,}\s*[,; ]\s*-?\d{1,3}\.\d{3,}\)?")
_DAY = re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?:[ T].*)?")
_DAY_LOCAL = re.compile(r"(?P<a>\d{1,2})[./-](?P<b>\d{1,2})[./-](?P<y>\d{4}|\d{2})")


def is_email(value: str) -> bool:
    """Tell whether a value is an e-mail address."""
    return "@" in value and bool(EMAIL.fullmatch(value.removeprefix("mailto:")))


def is_card(value: str) -> bool:
    """Tell whether a value is a payment card number: shape, issuer, Luhn digit, not one digit repeated."""
    if not 13 <= len(value) <= 23 or not _CARD.fullmatch(value):
        return False
    digits = re.sub(r"[ -]", "", value)
    return bool(_ISSUER.fullmatch(digits)) and len(set(digits)) > 2 and bool(luhn.is_valid(digits))


def is_iban(value: str) -> bool:
    """Tell whether a value is an IBAN with a right check number."""
    return 15 <= len(value) <= 42 and bool(_IBAN.fullmatch(value)) and bool(iban.is_valid(value))


@lru_cache(maxsize=10_000)
def is_international_phone(value: str) -> bool:
    """Tell whether a value is a possible phone number with its country prefix."""
    if not _PLUS.fullmatch(value):
        return False
    try:
        number = phonenumbers.parse("+" + value.lstrip("+0"), None)
    except phonenumbers.NumberParseException:
        return False
    return bool(phonenumbers.is_possible_number(number))


def is_written_phone(value: str) -> bool:
    """Tell whether a value is written as a phone number without a country prefix."""
    if _NORTH_AMERICAN.fullmatch(value):
        return True
    digits = sum(character.isdigit() for character in value)
    is_day = _DAY_LOCAL.fullmatch(value) is not None
    return 9 <= digits <= 15 and not is_day and bool(_GROUPED.fullmatch(value))


def could_be_phone(value: str) -> bool:
    """Tell whether a value has the digits of a phone number; needs other evidence."""
    digits = sum(character.isdigit() for character in value)
    return 7 <= digits <= 15 and bool(re.fullmatch(r"[+\d][\d ().\-/x]*\d", value))


def are_phone_numbers(values: Iterable[str]) -> bool:
    """Tell whether numbers of 11 to 15 digits are all phone numbers of countries: 442079460123."""
    chosen = list(values)[:200]
    if not all(11 <= len(value) <= 15 and value.isdecimal() for value in chosen):
        return False
    right = sum(_is_valid_number("+" + value) for value in chosen)
    return right >= 0.95 * len(chosen)


@lru_cache(maxsize=10_000)
def _is_valid_number(value: str) -> bool:
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(value, None)))
    except phonenumbers.NumberParseException:
        return False


def is_device(value: str) -> bool:
    """Tell whether a value is a hardware address, or an IMEI with a right check digit."""
    if _MAC.fullmatch(value):
        return True
    digits = value.replace("-", "").replace(" ", "")
    is_shaped = len(digits) == 15 and digits.isdecimal() and digits[:2] in _IMEI_BODIES
    return is_shaped and bool(imei.is_valid(digits))


def is_device_id(value: str) -> bool:
    """Tell whether a value has the form of an identifier of a device; needs other evidence."""
    return bool(_DEVICE_UUID.fullmatch(value)) or is_device(value)


def is_vin(value: str) -> bool:
    """Tell whether a value is a vehicle identification number with a right check digit (ISO 3779, 49 CFR 565)."""
    if not _VIN.fullmatch(value) or value.isdecimal():
        return False
    total = sum(
        weight * (int(sign) if sign.isdigit() else _VIN_VALUES[sign])
        for sign, weight in zip(value, _VIN_WEIGHTS, strict=True)
    )
    return value[8] == "0123456789X"[total % 11]


def is_vehicle(value: str) -> bool:
    """Tell whether a value has the form of a plate or a VIN; needs other evidence."""
    return bool(_VIN.fullmatch(value)) or (len(value) <= 14 and bool(_PLATE.fullmatch(value)))


def is_handle(value: str) -> bool:
    """Tell whether a value is one word as user names are; needs other evidence."""
    return bool(_HANDLE.fullmatch(value))


def is_ip(value: str) -> bool:
    """Tell whether a value is an IP address (or a network)."""
    is_shaped = _IP4.fullmatch(value) or (value.count(":") >= 2 and _IP6.fullmatch(value))
    if not is_shaped:
        return False
    try:
        ipaddress.ip_interface(value)
    except ValueError:
        return False
    return True


def is_credential(value: str) -> bool:
    """Tell whether a value is a key, a token, a password hash or an address with a password."""
    return bool(_CREDENTIAL.fullmatch(value) or _URL_LOGIN.fullmatch(value))


def is_random(value: str) -> bool:
    """Tell whether a value looks like random characters; needs other evidence."""
    if not 16 <= len(value) <= 512 or " " in value:
        return False
    return len(set(value)) >= 10 and bool(re.search(r"\d", value) and re.search("[A-Za-z]", value))


def is_street(value: str) -> bool:
    """Tell whether a value starts as a street and house number do."""
    return len(value) <= 200 and bool(_STREET.match(value))


def is_icd10(value: str) -> bool:
    """Tell whether a value is shaped as an ICD-10 code; needs other evidence."""
    return bool(_ICD10.fullmatch(value))


def is_name_shaped(value: str) -> bool:
    """Tell whether a value is one to four words as names are written; needs other evidence."""
    if len(value) > 60:
        return False
    if value.isascii() or _NAME.fullmatch(value):
        return bool(_NAME.fullmatch(value))
    words = value.replace(",", " ").split()
    return 1 <= len(words) <= 4 and all(
        _NAME_ANY.fullmatch(word) and (word[0].isupper() or not word[0].islower()) for word in words
    )


def is_full_name(value: str) -> bool:
    """Tell whether a value is two to four capitalised words; needs other evidence."""
    return " " in value and is_name_shaped(value)


def is_place(value: str) -> bool:
    """Tell whether a value is a whole place: a pair of precise degrees, however written."""
    return len(value) <= 80 and bool(_PAIR.fullmatch(value) or _DEGREES.fullmatch(value))


def is_coordinate(value: str) -> bool:
    """Tell whether a value is a precise degree, or a pair of them; needs other evidence."""
    if is_place(value):
        return True
    return bool(_COORDINATE.fullmatch(value)) and abs(float(value)) <= 180


def is_plausible_birth(value: str) -> bool:
    """Tell whether a value is a day on which a living person may have been born."""
    found = _DAY.fullmatch(value) or _DAY_LOCAL.fullmatch(value)
    written = _DAY_HAN.fullmatch(value) or _DAY_WORDS.fullmatch(value)
    if written is not None:
        return int(written["y"] or written["z"]) <= date.today().year
    if found is None:
        return (
            bool(re.fullmatch(r"(?:19|20)\d\d(?:[01]\d[0-3]\d)?", value))
            and 1900 <= int(value[:4]) <= date.today().year
        )
    year = int(found["y"])
    return year < 100 or 1900 <= year <= date.today().year


#: Detectors strong enough to speak without the name; the first that fits wins.
STRONG: tuple[tuple[S, Callable[[str], bool]], ...] = (
    (S.EMAIL, is_email),
    (S.CREDENTIAL, is_credential),
    (S.BANK_ACCOUNT, is_iban),
    (S.PAYMENT_CARD, is_card),
    (S.DEVICE, is_device),
    (S.VEHICLE, is_vin),
    (S.IP_ADDRESS, is_ip),
    (S.PHONE, is_international_phone),
    (S.POSTAL_ADDRESS, is_street),
    (S.LOCATION, is_place),
)

#: Detectors that only support what the name says.
WEAK: dict[S, Callable[[str], bool]] = {
    S.PHONE: could_be_phone,
    S.PERSON_NAME: is_name_shaped,
    S.CREDENTIAL: is_random,
    S.HEALTH: is_icd10,
    S.LOCATION: is_coordinate,
    S.BIRTH_DATE: is_plausible_birth,
    S.VEHICLE: is_vehicle,
    S.DEVICE: is_device_id,
    S.USERNAME: is_handle,
}
