"""Draw whole columns of values: each generator fills one column for the new rows of a table."""

from __future__ import annotations

import math
import random
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from portal.demo.stores import numbers, words
from portal.demo.stores.spec import ColumnPlan

Value = str | int | float | None
_UNITS = {"m": 60, "h": 3600, "d": 86400}


@dataclass(slots=True)
class Draw:
    """The new rows of one table, filled column by column."""

    rng: random.Random
    count: int
    first: int
    """Number of the first new row, counted from 1 over the life of the table."""
    since: datetime
    until: datetime
    """The window in which the new rows happened."""
    keys: Mapping[str, Sequence[Value]]
    """Values of the referable columns of the store, as `table.column`."""
    columns: dict[str, list[Value]] = field(default_factory=dict)

    def take(self, pool: Sequence[Value]) -> list[Value]:
        """Draw one of the pool for each row."""
        return self.rng.choices(pool, k=self.count)


Generator = Callable[[Draw, tuple[str, ...]], list[Value]]


def fill(draw: Draw, plan: ColumnPlan) -> list[Value]:
    """Draw a column, with the nulls, orphans and duplicates its plan asks for."""
    values = GENERATORS[plan.generator][1](draw, plan.arguments)
    rng = draw.rng
    if plan.nulls:
        values = [None if rng.random() < plan.nulls else value for value in values]
    if orphans := float(plan.options.get("orphan", 0)):
        values = [_stray(v) if rng.random() < orphans else v for v in values]
    if (twice := float(plan.options.get("dup", 0))) and draw.count > 1:
        for row in range(1, draw.count):
            if rng.random() < twice:
                values[row] = values[row - 1]
    return values


def sql_type(plan: ColumnPlan) -> str:
    """Return the type a column has in its store."""
    if plan.generator == "ref":
        return plan.options.get("type", "TEXT")
    if plan.generator == "like":
        return "INTEGER" if len(plan.arguments) == 1 else "TEXT"
    if plan.generator in {"after", "span"}:
        return "DATE" if plan.name.endswith(("_on", "_date")) else "TIMESTAMP"
    return GENERATORS[plan.generator][0]


def code(prefix: str, number: int) -> str:
    """Return the key of a numbered row."""
    return f"{prefix}{number:06d}"


def stamp(moment: datetime) -> str:
    """Write a moment as the stores keep it: UTC, without zone."""
    return moment.isoformat(" ", "seconds")


def _stray(value: Value) -> Value:
    return value + 9_000_000 if isinstance(value, int) else f"{str(value)[:4]}999999"


def _ids(draw: Draw, _: tuple[str, ...]) -> list[Value]:
    return list(range(draw.first, draw.first + draw.count))


def _codes(draw: Draw, args: tuple[str, ...]) -> list[Value]:
    return [code(args[0], draw.first + row) for row in range(draw.count)]


def _like(draw: Draw, args: tuple[str, ...]) -> list[Value]:
    if len(args) == 1:
        top = int(args[0])
        return [draw.rng.randint(1, top) for _ in range(draw.count)]
    prefix, top = args[0], int(args[1])
    return [code(prefix, draw.rng.randint(1, top)) for _ in range(draw.count)]


def _one(draw: Draw, args: tuple[str, ...]) -> list[Value]:
    pairs = [item.partition(":") for item in args[0].split(",")]
    options = [name for name, _, _ in pairs]
    weights = [float(weight or 1) for _, _, weight in pairs]
    return list(draw.rng.choices(options, weights, k=draw.count))


def _flag(draw: Draw, args: tuple[str, ...]) -> list[Value]:
    share = float(args[0]) if args else 0.5
    return [int(draw.rng.random() < share) for _ in range(draw.count)]


def _int(draw: Draw, args: tuple[str, ...]) -> list[Value]:
    low, high = int(args[0]), int(args[1]) - int(args[0]) + 1
    spread = draw.rng.random
    return [low + int(spread() * high) for _ in range(draw.count)]


def _num(draw: Draw, args: tuple[str, ...]) -> list[Value]:
    low, high = float(args[0]), float(args[1])
    spread = draw.rng.random
    return [round(low + spread() * (high - low), 3) for _ in range(draw.count)]


def _money(draw: Draw, args: tuple[str, ...]) -> list[Value]:
    low, high = math.log(float(args[0])), math.log(float(args[1]))
    spread = draw.rng.random
    return [round(math.exp(low + spread() * (high - low)), 2) for _ in range(draw.count)]


def _mul(draw: Draw, args: tuple[str, ...]) -> list[Value]:
    factor = float(args[1])
    others = draw.columns[args[0]]
    return [None if not isinstance(v, int | float) else round(v * factor, 2) for v in others]


def _when(draw: Draw, args: tuple[str, ...]) -> list[Value]:
    lag = timedelta(hours=float(args[0])) if args else timedelta()
    length = (draw.until - draw.since).total_seconds()
    offsets = sorted(draw.rng.random() * length for _ in range(draw.count))
    return [stamp(draw.since + timedelta(seconds=offset) - lag) for offset in offsets]


def _day(draw: Draw, args: tuple[str, ...]) -> list[Value]:
    low, high = (int(args[0]), int(args[1])) if args else (-400, 0)
    today = draw.until.date()
    pool: list[Value] = [
        (today + timedelta(days=offset)).isoformat() for offset in range(low, high + 1)
    ]
    return draw.take(pool)


def _after(draw: Draw, args: tuple[str, ...]) -> list[Value]:
    low, high = _seconds(args[1]), _seconds(args[2])
    spread = draw.rng.random
    limit = stamp(draw.until)
    found: list[Value] = []
    for value in draw.columns[args[0]]:
        if value is None:
            found.append(None)
            continue
        text = str(value)
        moved = datetime.fromisoformat(text) + timedelta(seconds=low + spread() * (high - low))
        later = stamp(moved)[: 10 if len(text) == 10 or "date" in args else 19]
        found.append(later if later <= limit or "open" in args else None)
    return found


def _span(draw: Draw, args: tuple[str, ...]) -> list[Value]:
    return _after(draw, (*args, "open"))


def _seconds(text: str) -> float:
    return float(text[:-1]) * _UNITS[text[-1]]


def _month(draw: Draw, _: tuple[str, ...]) -> list[Value]:
    today = draw.until.date()
    months: list[Value] = []
    first = today.replace(day=1)
    for _step in range(18):
        months.append(first.isoformat()[:7])
        first = (first - timedelta(days=1)).replace(day=1)
    return draw.take(months)


def _event_day(draw: Draw, args: tuple[str, ...]) -> list[Value]:
    return [None if value is None else str(value)[:10] for value in draw.columns[args[0]]]


def _birth(draw: Draw, _: tuple[str, ...]) -> list[Value]:
    start = date(1940, 1, 1)
    spread = draw.rng.random
    return [(start + timedelta(days=int(spread() * 24_000))).isoformat() for _ in range(draw.count)]


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", ".", folded).strip(".")


def _email(draw: Draw, args: tuple[str, ...]) -> list[Value]:
    columns = draw.columns
    if "first_name" in columns and "last_name" in columns:
        people = [
            f"{first}.{last}"
            for first, last in zip(columns["first_name"], columns["last_name"], strict=True)
        ]
    elif args and args[0] in columns:
        people = [str(name) for name in columns[args[0]]]
    else:
        people = [str(name) for name in _name(draw, ())]
    ends = draw.rng.choices(("example.com", "example.org", "example.net"), k=draw.count)
    return [
        f"{_plain(person)}{(draw.first + row) % 97}@{end}"
        for row, (person, end) in enumerate(zip(people, ends, strict=True))
    ]


def _name(draw: Draw, _: tuple[str, ...]) -> list[Value]:
    firsts, lasts = draw.take(words.FIRST), draw.take(words.LAST)
    return [f"{first} {last}" for first, last in zip(firsts, lasts, strict=True)]


def _street(draw: Draw, _: tuple[str, ...]) -> list[Value]:
    pool = [f"{name} {end}" for name in words.STREETS for end in words.STREET_ENDS]
    return [f"{street} {draw.rng.randint(1, 220)}" for street in draw.take(pool)]


def _place(index: int) -> Generator:
    def generate(draw: Draw, _: tuple[str, ...]) -> list[Value]:
        chosen = draw.columns.get("#place")
        if chosen is None:
            chosen = draw.columns["#place"] = draw.take(range(len(words.PLACES)))
        return [words.PLACES[int(place or 0)][index] for place in chosen]

    return generate


def _title(draw: Draw, _: tuple[str, ...]) -> list[Value]:
    moods, things = draw.take(words.MOODS), draw.take(words.THINGS)
    return [f"{mood} {thing}" for mood, thing in zip(moods, things, strict=True)]


def _company(draw: Draw, _: tuple[str, ...]) -> list[Value]:
    names, ends = draw.take(words.COMPANIES), draw.take(words.COMPANY_ENDS)
    return [f"{name} {end}" for name, end in zip(names, ends, strict=True)]


class _Blanks(dict[str, str]):
    """What fills the blanks of a note, made when it is asked for."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__()
        self.rng = rng

    def __missing__(self, name: str) -> str:
        rng = self.rng
        person = f"{rng.choice(words.FIRST)} {rng.choice(words.LAST)}"
        if name == "name":
            return person
        if name == "email":
            return f"{_plain(person)}@example.com"
        if name == "street":
            return (
                f"{rng.choice(words.STREETS)} {rng.choice(words.STREET_ENDS)} {rng.randint(1, 220)}"
            )
        if name == "diagnosis":
            return rng.choice(words.POOLS["diagnosis"])
        return numbers.phone(rng) if name == "phone" else numbers.iban(rng)


def _note(draw: Draw, args: tuple[str, ...]) -> list[Value]:
    blanks = _Blanks(draw.rng)
    return [
        text.format_map(blanks) for text in draw.rng.choices(words.NOTES[args[0]], k=draw.count)
    ]


def _hexadecimal(draw: Draw, args: tuple[str, ...]) -> list[Value]:
    digits = int(args[0]) if args else 32
    return [f"{draw.rng.getrandbits(4 * digits):0{digits}x}" for _ in range(draw.count)]


def _uuid(draw: Draw, _: tuple[str, ...]) -> list[Value]:
    bits = draw.rng.getrandbits
    return [
        f"{bits(32):08x}-{bits(16):04x}-4{bits(12):03x}-a{bits(12):03x}-{bits(48):012x}"
        for _ in range(draw.count)
    ]


def _each(make: Callable[[random.Random], str]) -> Generator:
    return lambda draw, _: [make(draw.rng) for _ in range(draw.count)]


def _plate(rng: random.Random) -> str:
    letters = rng.choices("BDFGHJKLNPRSTXZ", k=3)
    return f"{letters[0]}-{rng.randrange(100, 1000)}-{letters[1]}{letters[2]}"


#: Type in the store, and the function that fills a column.
GENERATORS: dict[str, tuple[str, Generator]] = {
    "id": ("INTEGER", _ids),
    "code": ("TEXT", _codes),
    "ref": ("TEXT", lambda draw, args: draw.take(draw.keys[args[0]])),
    "like": ("TEXT", _like),
    "one": ("TEXT", _one),
    "pick": ("TEXT", lambda draw, args: draw.take(words.POOLS[args[0]])),
    "const": ("TEXT", lambda draw, args: [args[0]] * draw.count),
    "flag": ("BOOLEAN", _flag),
    "int": ("INTEGER", _int),
    "num": ("DOUBLE", _num),
    "money": ("DECIMAL(12,2)", _money),
    "mul": ("DECIMAL(12,2)", _mul),
    "when": ("TIMESTAMP", _when),
    "day": ("DATE", _day),
    "dayof": ("DATE", _event_day),
    "after": ("TIMESTAMP", _after),
    "span": ("TIMESTAMP", _span),
    "month": ("TEXT", _month),
    "birth": ("DATE", _birth),
    "first": ("TEXT", lambda draw, _: draw.take(words.FIRST)),
    "last": ("TEXT", lambda draw, _: draw.take(words.LAST)),
    "name": ("TEXT", _name),
    "email": ("TEXT", _email),
    "phone": ("TEXT", _each(numbers.phone)),
    "street": ("TEXT", _street),
    "city": ("TEXT", _place(0)),
    "postcode": ("TEXT", _place(1)),
    "country": ("TEXT", _place(2)),
    "region": ("TEXT", _place(3)),
    "iban": ("TEXT", _each(numbers.iban)),
    "card": ("TEXT", _each(numbers.card)),
    "citizen": ("TEXT", _each(numbers.citizen_number)),
    "ip": ("TEXT", _each(numbers.ip_address)),
    "plate": ("TEXT", _each(_plate)),
    "title": ("TEXT", _title),
    "company": ("TEXT", _company),
    "note": ("TEXT", _note),
    "hex": ("TEXT", _hexadecimal),
    "uuid": ("TEXT", _uuid),
}
