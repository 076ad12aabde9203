"""Find personal or secret content anywhere inside a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from catalog.descriptors import Sensitivity as S
from ingestors.sensitivity import detectors
from ingestors.sensitivity.national_ids import matching_kinds

_EDGE = r"(?<![\w@.+-])"
_END = r"(?![\w@-]|\.\d)"

#: (class, what a finding looks like, test of the finding, must contain)
_FINDERS: tuple[tuple[S, re.Pattern[str], Callable[[str], bool], str], ...] = (
    (S.EMAIL, detectors.EMAIL, lambda _: True, "@"),
    (
        S.CREDENTIAL,
        re.compile(
            r"(?:AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|[rs]k_(?:live|test)_|xox[abprs]-|AIza"
            r"|SG\.|eyJ|\$2[abxy]?\$|\$argon2|npm_|hvs\.)[\w.$/=,+-]{10,}"
            r"|-----BEGIN [A-Z ]*PRIVATE KEY-----|[a-z][a-z0-9+.-]*://[^\s/@:]+:[^\s/@]+@\S+"
        ),
        detectors.is_credential,
        "",
    ),
    (
        S.CREDENTIAL,
        re.compile(r"\b(?:password|passwort|passwd|pwd)\s*(?:is|:|=)\s*\S{4,}", re.IGNORECASE),
        lambda _: True,
        "",
    ),
    (
        S.PAYMENT_CARD,
        re.compile(rf"{_EDGE}\d{{4}}(?:[ -]?\d{{4}}){{2}}[ -]?\d{{1,7}}{_END}"),
        detectors.is_card,
        "",
    ),
    (
        S.PAYMENT_CARD,
        re.compile(rf"{_EDGE}3\d{{3}}[ -]?\d{{6}}[ -]?\d{{5}}{_END}"),
        detectors.is_card,
        "",
    ),
    (
        S.BANK_ACCOUNT,
        re.compile(
            rf"{_EDGE}[A-Z]{{2}}\d{{2}}(?: ?[A-Z0-9]{{4}}){{2,7}}(?: ?[A-Z0-9]{{1,3}})?{_END}"
        ),
        detectors.is_iban,
        "",
    ),
    (
        S.NATIONAL_ID,
        re.compile(
            rf"{_EDGE}(?:\d{{3}}-\d{{2}}-\d{{4}}|\d{{3}}\.\d{{3}}\.\d{{3}}-\d{{2}}"
            r"|[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]|[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]"
            r"|756\.\d{4}\.\d{4}\.\d{2}|[A-Z]{4}\d{6}[HM][A-Z]{5}\w\d|\d{6}-\d{4}"
            rf"|[12] \d{{2}} \d{{2}} \d{{2}} \d{{3}} \d{{3}} \d{{2}}|\d{{8}}-?[A-Z]){_END}"
        ),
        lambda text: bool(matching_kinds(text)),
        "",
    ),
    (
        S.IP_ADDRESS,
        re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\d)"),
        detectors.is_ip,
        ".",
    ),
    (
        S.PHONE,
        re.compile(r"(?<![\w+.])(?:\+|00)\d[\d ().\-/]{6,20}\d(?!\w)"),
        detectors.is_international_phone,
        "",
    ),
    (
        S.PHONE,
        re.compile(r"(?<![\w.-])(?:\+?1[ .-])?(?:\(\d{3}\) ?|\d{3}[.-])\d{3}[.-]\d{4}(?![\w-])"),
        lambda _: True,
        "",
    ),
    (
        S.PHONE,
        re.compile(
            r"(?:phone|tel|call|mobile|cell|ring|telefon|handy|fax|reach)\D{0,20}(?<!\d)"
            r"\d[\d ()/-]{6,16}\d",
            re.IGNORECASE,
        ),
        lambda _: True,
        "",
    ),
    (
        S.POSTAL_ADDRESS,
        re.compile(
            r"\b\d{1,5}[A-Za-z]?,? (?:[A-Z][\w.'’-]* ){1,4}"
            r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Close)\b"
            r"|\b[A-ZÄÖÜ][\wäöüß-]*(?:straße|strasse|str\.|gasse|weg|platz|allee) \d{1,4}\b"
        ),
        lambda _: True,
        "",
    ),
    (
        S.PERSON_NAME,
        re.compile(
            r"\b(?:Mr|Mrs|Ms|Miss|Herr|Frau|Mme|Monsieur|Señora?|Sr|Sra)\.? [A-ZÀ-Þ][\w'’-]+"
            r"|\b(?:customer|insured|claimant|patient|driver|caller|witness|policyholder|contact"
            r"|spoke (?:to|with)|called by|contacted|signed by|named) "
            r"[A-ZÀ-Þ][a-zà-þ'’-]+ [A-ZÀ-Þ][a-zà-þ'’-]+"
            r"|\b[A-ZÀ-Þ][a-zà-þ'’-]+ [A-ZÀ-Þ][a-zà-þ'’-]+ (?:was (?:seen|treated|examined|injured|born"
            r"|called|interviewed)|suffers?|suffered|phoned|signed|reports that|states that)\b"
        ),
        lambda _: True,
        "",
    ),
    (
        S.HEALTH,
        re.compile(
            r"\b(?:diagnosed with|diagnosis of|suffer(?:s|ed)? from|treated for|was prescribed"
            r"|hospital confirms|physiotherapy|chemotherapy|whiplash|concussion|laceration"
            r"|(?:bone|skull|hip|wrist|arm|leg|rib) fracture|company doctor|sick note)\b",
            re.IGNORECASE,
        ),
        lambda _: True,
        " ",
    ),
)

_WORTH_SCANNING = re.compile(r"[@\d]|[A-ZÀ-Þ][a-zà-þ]|://|-----")


def findings(text: str) -> frozenset[S]:
    """Return the classes of personal or secret content found anywhere in a text."""
    if len(text) < 6 or not _WORTH_SCANNING.search(text):
        return frozenset()
    is_url = "://" in text and not any(sign.isspace() for sign in text)
    found: set[S] = set()
    for sensitivity, pattern, is_right, must in _FINDERS:
        if sensitivity in found or must not in text or (is_url and sensitivity is S.PHONE):
            continue
        if any(is_right(hit.group()) for hit in pattern.finditer(text)):
            found.add(sensitivity)
    return frozenset(found)


def mentions(text: str, names: Iterable[str]) -> bool:
    """Tell whether a text mentions one of the names as whole words."""
    return any(
        name in text and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) for name in names
    )
