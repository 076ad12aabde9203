"""Many products edited by a table: each row as its own PATCH, tried first without a trace."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.db import transaction
from rest_framework import exceptions

from catalog.api.edits import ProductEditSerializer, edit_product
from catalog.api.problems import Invalid
from catalog.api.serializers.products import ProductSerializer
from catalog.exports.table import BETWEEN, cell_text, plain
from catalog.models import Product, User
from catalog.registry.outcomes import Problem

MOST_ROWS = 1_000
MOST_BYTES = 2_000_000
LONGEST_CELL = 100_000
#: By one of these a row says which product it is about.
GUID, KEY = "dataProductGUID", "readableDataProductKey"
WRITTEN = tuple(ProductEditSerializer().fields)
SHOWN = tuple(ProductSerializer().fields)
KNOWN = tuple(dict.fromkeys((*SHOWN, *WRITTEN)))
Did = Literal["changed", "unchanged", "refused"]


@dataclass(frozen=True, slots=True)
class RowDone:
    """What became of one row. `line` is that of the file, the header's is 1; `changes` are (field, before, after)."""

    line: int
    product: str
    did: Did
    changes: tuple[tuple[str, str, str], ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class TableDone:
    """What became of a table. `ignored` are columns that it may hold but that are not written."""

    is_dry_run: bool
    rows: tuple[RowDone, ...]
    ignored: tuple[str, ...]

    def count(self, did: Did) -> int:
        """Count the rows that ended in one way."""
        return sum(1 for row in self.rows if row.did == did)


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: Mapping[str, str]
    problem: str = ""


def edit_by_table(raw: bytes, *, by: User, dry_run: bool) -> TableDone:
    """Write what differs from what is shown, row by row; an empty cell leaves its field as it is.

    Rows that are refused keep no other from being written. Raises Invalid for what is no such table.
    """
    header, rows = _read(raw)
    products = _products(rows, by)
    shown = _shown(products, by)
    met: dict[int, int] = {}
    done = [_edit(row, products, shown, met, by, dry_run) for row in rows]
    ignored = tuple(n for n in header if n not in WRITTEN and n not in (GUID, KEY))
    return TableDone(dry_run, tuple(done), ignored)


def _read(raw: bytes) -> tuple[list[str], list[_Row]]:
    if len(raw) > MOST_BYTES:
        raise Invalid([Problem("", None, f"at most {MOST_BYTES} bytes; send it in parts")])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"byte {error.start} is no UTF-8; save the table as CSV UTF-8"
        raise Invalid([Problem("", None, message)]) from error
    if "\0" in text:
        raise Invalid([Problem("", None, "holds the character NUL (U+0000), so it is no text")])
    first = text.partition("\n")[0]
    sign = ";" if ";" in first and "," not in first else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(header)
        return header, list(_rows(reader, header))
    except csv.Error as error:
        problem = Problem(f"line {reader.line_num}", None, f"is no CSV: {error}")
        raise Invalid([problem]) from error


def _check_header(header: Sequence[str]) -> None:
    problems = [
        Problem(name, None, f"is no column; known are {', '.join(KNOWN)}")
        for name in header
        if name not in KNOWN
    ]
    problems += [
        Problem(name, None, "stands twice in the header")
        for name, count in Counter(header).items()
        if count > 1
    ]
    if not {GUID, KEY} & set(header):
        problems.append(Problem("", None, f"the header needs {GUID} or {KEY}"))
    if problems:
        raise Invalid(problems)


def _rows(reader: Any, header: Sequence[str]) -> Iterator[_Row]:
    count, line = 0, reader.line_num + 1
    for cells in reader:
        start, line = line, reader.line_num + 1
        if not any(cell.strip() for cell in cells):
            continue
        count += 1
        if count > MOST_ROWS:
            raise Invalid([Problem("", None, f"at most {MOST_ROWS} rows; send it in parts")])
        problem = ""
        if len(cells) != len(header):
            problem = f"has {len(cells)} cells, the header has {len(header)}"
        yield _Row(start, dict(zip(header, map(plain, cells), strict=False)), problem)


def _products(rows: Sequence[_Row], by: User) -> dict[str, Product]:
    """Return the products that rows name and the person may see, by GUID and by key; two queries."""
    seen = Product.objects.visible_to(by).with_summary()
    guids = {row.cells.get(GUID, "").strip() for row in rows} - {""}
    keys = {row.cells.get(KEY, "").strip() for row in rows} - {""}
    found = {row.guid: row for row in seen.filter(guid__in=guids)}
    parts = {key.partition("/")[2] for key in keys}
    for row in seen.filter(key__in=parts):
        if str(row.ref) in keys:
            found[str(row.ref)] = row
    return found


@dataclass(frozen=True, slots=True)
class _Asker:
    user: User


def _shown(products: Mapping[str, Product], by: User) -> dict[int, dict[str, str]]:
    """Return the cells of products as an export shows them."""
    rows = list({row.pk: row for row in products.values()}.values())
    data = ProductSerializer(rows, many=True, context={"request": _Asker(by)}).data
    return {
        row.pk: {name: cell_text(value) for name, value in one.items()}
        for row, one in zip(rows, data, strict=True)
    }


def _edit(
    row: _Row,
    products: Mapping[str, Product],
    shown: Mapping[int, Mapping[str, str]],
    met: dict[int, int],
    by: User,
    dry_run: bool,
) -> RowDone:
    guid, key = row.cells.get(GUID, "").strip(), row.cells.get(KEY, "").strip()
    named = guid or key
    product = products.get(named)
    if row.problem:
        return _refused(row, named, Problem("", None, row.problem))
    if product is None:
        message = "you see no such product" if named else f"say {GUID} or {KEY}"
        return _refused(row, named, Problem(GUID if guid or not key else KEY, named, message))
    if guid and key and key not in (product.readable, str(product.ref)):
        message = f"is the key of another product; that of this GUID is {product.ref}"
        return _refused(row, named, Problem(KEY, key, message))
    if (line := met.setdefault(product.pk, row.line)) != row.line:
        return _refused(row, named, Problem("", None, f"line {line} is about this product already"))
    changes = _changes(row, shown[product.pk])
    if not changes:
        return RowDone(row.line, str(product.ref), "unchanged")
    try:
        _write(product, changes, by, dry_run)
    except Invalid as error:
        return _refused(row, str(product.ref), *error.problems)
    except exceptions.ValidationError as error:
        return _refused(row, str(product.ref), *_problems(error, changes))
    except exceptions.PermissionDenied as error:
        return _refused(row, str(product.ref), Problem("", None, str(error.detail)))
    return RowDone(row.line, str(product.ref), "changed", changes)


def _changes(row: _Row, shown: Mapping[str, str]) -> tuple[tuple[str, str, str], ...]:
    """Return the fields whose cell says something else than what is shown."""
    return tuple(
        (name, shown[name], cell)
        for name in WRITTEN
        if (cell := row.cells.get(name, "").strip()) and not _is_same(name, cell, shown[name])
    )


def _is_same(name: str, cell: str, shown: str) -> bool:
    if name == "tags":
        return set(_parts(cell)) == set(_parts(shown))
    return cell == shown.strip()


def _parts(cell: str) -> list[str]:
    return [part for one in cell.split(BETWEEN.strip()) if (part := one.strip())]


def _write(
    product: Product, changes: Sequence[tuple[str, str, str]], by: User, dry_run: bool
) -> None:
    said = {name: _value(name, cell) for name, _, cell in changes}
    with transaction.atomic():
        edit_product(product, said, by=by)
        if dry_run:
            transaction.set_rollback(True)


def _value(name: str, cell: str) -> Any:
    if name == "tags":
        return _parts(cell)
    if name == "certified" and cell.lower() in ("true", "false"):
        return cell.lower() == "true"
    return cell


def _problems(
    error: exceptions.ValidationError, changes: Sequence[tuple[str, str, str]]
) -> list[Problem]:
    said: Any = error.detail
    sent = {name: cell for name, _, cell in changes}
    fields = said.items() if isinstance(said, dict) else [("", said)]
    return [Problem(name, sent.get(name), _first(value)) for name, value in fields]


def _first(value: Any) -> str:
    while isinstance(value, list | dict) and value:
        value = next(iter(value.values())) if isinstance(value, dict) else value[0]
    return str(value)


def _refused(row: _Row, named: str, *problems: Problem) -> RowDone:
    return RowDone(row.line, named, "refused", problems=problems)
