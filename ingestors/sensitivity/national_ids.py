"""National identity numbers, checked by the rules of their countries (python-stdnum)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from stdnum.be import nn as be_nn
from stdnum.br import cpf
from stdnum.ca import sin
from stdnum.ch import ssn as ch_ssn
from stdnum.cn import ric
from stdnum.de import idnr
from stdnum.dk import cpr
from stdnum.es import dni, nie
from stdnum.fi import hetu
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.in_ import aadhaar
from stdnum.in_ import pan as in_pan
from stdnum.it import codicefiscale
from stdnum.mx import curp
from stdnum.nl import bsn
from stdnum.no import fodselsnummer
from stdnum.pl import pesel
from stdnum.se import personnummer
from stdnum.us import ssn
from stdnum.za import idnr as za_idnr


@dataclass(frozen=True, slots=True)
class NationalId:
    """A kind of number: its shape, its test, and whether the shape alone is telling."""

    label: str
    shape: re.Pattern[str]
    is_valid: Callable[[str], bool]
    is_telling: bool  # letters, fixed separators or a strong check: not just some digits


def _kind(label: str, shape: str, check: Callable[[str], bool], telling: bool) -> NationalId:
    return NationalId(label, re.compile(shape, re.IGNORECASE), check, telling)


def _is_nino(value: str) -> bool:
    """UK National Insurance number: the prefixes that are never given out are refused."""
    prefix = value[:2].upper()
    return prefix not in {"BG", "GB", "NK", "KN", "TN", "NT", "ZZ"}


KINDS: tuple[NationalId, ...] = (
    _kind("US social security numbers", r"\d{3}-\d{2}-\d{4}", ssn.is_valid, True),
    _kind(
        "UK national insurance numbers",
        r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]",
        _is_nino,
        True,
    ),
    _kind(
        "French social security numbers", r"[12] ?\d{2} ?\d{2} ?[\dAB ]{10,14}", nir.is_valid, True
    ),
    _kind(
        "Italian tax codes", r"[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]", codicefiscale.is_valid, True
    ),
    _kind("Spanish identity numbers", r"\d{8}-?[A-Z]", dni.is_valid, True),
    _kind("Spanish foreigner numbers", r"[XYZ]-?\d{7}-?[A-Z]", nie.is_valid, True),
    _kind("Mexican population codes", r"[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z\d]\d", curp.is_valid, True),
    _kind("Indian tax numbers", r"[A-Z]{3}P[A-Z]\d{4}[A-Z]", in_pan.is_valid, True),
    _kind("Finnish identity codes", r"\d{6}[-+A-FU-Y]\d{3}[A-Z\d]", hetu.is_valid, True),
    _kind("Swiss insurance numbers", r"756\.?\d{4}\.?\d{4}\.?\d{2}", ch_ssn.is_valid, True),
    _kind("Brazilian tax numbers", r"\d{3}\.\d{3}\.\d{3}-\d{2}", cpf.is_valid, True),
    _kind("Belgian national numbers", r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}", be_nn.is_valid, True),
    _kind("Danish personal numbers", r"\d{6}-\d{4}", cpr.is_valid, True),
    _kind("Swedish personal numbers", r"(\d{2})?\d{6}[-+]\d{4}", personnummer.is_valid, True),
    _kind("Chinese identity numbers", r"\d{17}[\dX]", ric.is_valid, True),
    _kind("German tax numbers", r"\d{2} ?\d{3} ?\d{3} ?\d{3}", idnr.is_valid, False),
    _kind("Dutch service numbers", r"\d{9}", bsn.is_valid, False),
    _kind("Polish identity numbers", r"\d{11}", pesel.is_valid, False),
    _kind("Norwegian identity numbers", r"\d{11}", fodselsnummer.is_valid, False),
    _kind("Brazilian tax numbers", r"\d{11}", cpf.is_valid, False),
    _kind("Belgian national numbers", r"\d{11}", be_nn.is_valid, False),
    _kind("Canadian insurance numbers", r"\d{3}[- ]\d{3}[- ]\d{3}", sin.is_valid, False),
    _kind("South African identity numbers", r"\d{13}", za_idnr.is_valid, False),
    _kind("Indian identity numbers", r"\d{4} ?\d{4} ?\d{4}", aadhaar.is_valid, False),
    _kind("UK health service numbers", r"\d{3} \d{3} \d{4}", nhs.is_valid, False),
)


def matching_kinds(value: str) -> tuple[NationalId, ...]:
    """Return the kinds of national id that a whole value is."""
    if not 8 <= len(value) <= 24:
        return ()
    return tuple(kind for kind in KINDS if kind.shape.fullmatch(value) and kind.is_valid(value))
