"""The words that the rows of the demo stores are made of, read from `words.txt`.

A block is a name and a colon, then words parted by commas; notes and places stand one on a line.
"""

from __future__ import annotations

from pathlib import Path

_BLOCKS: dict[str, str] = {
    head: body.strip()
    for block in (Path(__file__).parent / "words.txt").read_text(encoding="utf-8").split("\n\n")
    for head, _, body in [block.strip().partition(":\n")]
}


def _words(name: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in _BLOCKS[name].replace("\n", " ").split(","))


def _lines(name: str) -> tuple[str, ...]:
    return tuple(_BLOCKS[name].splitlines())


FIRST = _words("first")
LAST = _words("last")
STREETS = _words("street")
STREET_ENDS = _words("street-end")
COMPANIES = _words("company")
COMPANY_ENDS = _words("company-end")
MOODS = _words("mood")
THINGS = _words("thing")
PLACES = tuple(tuple(line.split("; ")) for line in _lines("place"))
"""City, postal code, country, region."""
POOLS = {
    name: _words(name)
    for name in (
        *("peril", "line", "vehicle", "occupation", "diagnosis", "genre", "topic", "device"),
        *("actor", "country", "currency", "language"),
    )
}
NOTES = {name[5:]: _lines(name) for name in _BLOCKS if name.startswith("note-")}
"""Free texts, with places for names, phones, addresses and accounts."""
