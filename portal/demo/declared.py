"""Read what the teams of the demo declare of their products (`products/*.md`). Free of Django.

A product is a block of lines: `# domain/key`, `word: value` lines (several on one line are parted
by ` | `), then its description in markdown, to the next block.

`promises`  `fresh<=HOURS table.column`, `complete>=PERCENT`, `unique>=PERCENT`,
            `available>=PERCENT`, `rows>=COUNT table`, `stable`
`checks`    `RULE table.column ARGUMENTS`; rules: enum, pattern, range, not-null, row-count
`contract`  `VERSION table`: promises the columns of a table
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

from catalog.descriptors import (
    Archetype,
    CheckDescriptor,
    Classification,
    Comparison,
    ContractDescriptor,
    DatasetAddress,
    Dimension,
    Indicator,
    ObjectiveDescriptor,
    PortDescriptor,
    ProductDescriptor,
    PromisedColumn,
    Status,
    Visibility,
)
from catalog.names import DatasetRef
from portal.demo.stores.spec import StorePlan, TablePlan, read_plans
from portal.demo.stores.values import sql_type

PRODUCTS = Path(__file__).parent / "products"
Resolve = Callable[[str, str], DatasetRef | None]
"""Finds the address of a table (second) of a store (first); None while no harvest has found it."""

_PROMISE = re.compile(
    r"(fresh|complete|unique|available|rows|stable)(?:(<=|>=)([\d.]+))?(?: (\S+))?"
)
_INDICATORS: Mapping[str, tuple[Indicator, str, str]] = {
    "fresh": (Indicator.FRESHNESS, "hours", "New rows arrive in time"),
    "complete": (Indicator.COMPLETENESS, "percent", "Required columns are filled"),
    "unique": (Indicator.UNIQUENESS, "percent", "Keys are unique"),
    "available": (Indicator.AVAILABILITY, "percent", "The store answers"),
    "rows": (Indicator.VOLUME, "rows", "There are enough rows"),
    "stable": (Indicator.SCHEMA_STABILITY, "columns", "No column disappears or changes its type"),
}
_TYPES = {
    "INTEGER": "integer",
    "DOUBLE": "number",
    "DECIMAL(12,2)": "number",
    "TIMESTAMP": "timestamp",
    "DATE": "date",
    "BOOLEAN": "boolean",
}
_DIMENSIONS = {
    "not-null": Dimension.COMPLETENESS,
    "row-count": Dimension.COVERAGE,
}


def _nowhere(store: str, table: str) -> DatasetRef | None:
    """Find nothing: no harvest was there yet."""
    return None


@dataclass(frozen=True, slots=True)
class Declared:
    """One product as its team wrote it down."""

    domain: str
    key: str
    said: Mapping[str, str]
    description: str

    @property
    def serves(self) -> tuple[str, ...]:
        """The tables behind its output port."""
        return _list(self.said.get("serves", ""))

    @property
    def reads(self) -> tuple[str, ...]:
        """The products it reads, as `domain/key`."""
        return _list(self.said.get("reads", ""))

    @property
    def port(self) -> str:
        """The name of its output port: by the kind of store."""
        return "sql" if self.store is None or self.store.kind == "sqlite" else "files"

    @property
    def store(self) -> StorePlan | None:
        """The store of its domain that holds its tables."""
        if not self.serves:
            return None
        for plan in read_plans():
            names = {table.name for table in plan.tables} | {view.name for view in plan.views}
            if plan.key == self.domain and set(self.serves) <= names:
                return plan
        raise ValueError(f"{self.domain}/{self.key}: no store of {self.domain} has {self.serves}")

    def introduce(self, today: date) -> ProductDescriptor:
        """State what is known before anything was harvested."""
        return ProductDescriptor(**self._basics(today))

    def describe(self, today: date, resolve: Resolve) -> ProductDescriptor:
        """State everything, with the addresses of tables that a harvest has found."""
        basics = self._basics(today)
        basics["ports"] = [*self._output_ports(), *self._input_ports(resolve)]
        return ProductDescriptor(
            **basics,
            objectives=list(self._objectives(resolve)),
            checks=list(self._checks(resolve)),
            contracts=list(self._contracts()),
        )

    def _basics(self, today: date) -> dict[str, object]:
        fields = self.said
        basics: dict[str, object] = {
            "domain": self.domain,
            "key": self.key,
            "name": fields["name"],
            "description": self.description,
            "team": fields["team"],
            "archetype": Archetype(fields["archetype"]),
            "status": Status(fields.get("status", "active")),
            "version": fields.get("version", "0.1.0"),
            "classification": Classification(fields["classification"]),
            "support": f"#{fields['team']} in the company chat",
            "source_code_location": f"https://git.example.org/{fields['team']}/{self.key}",
            "tags": list(_list(fields["tags"])),
            "created_on": today - timedelta(days=200 + len(self.description) % 700),
            "ports": [*self._output_ports(), *self._input_ports()],
        }
        if "certified" in fields:
            basics["certified"] = True
        if "visibility" in fields:
            basics["visibility"] = Visibility(fields["visibility"])
        if "group" in fields:
            basics["required_security_group"] = fields["group"]
        if "successor" in fields:
            basics["successor"] = fields["successor"]
            basics["sunset_on"] = today + timedelta(days=int(fields["sunset"]))
        return basics

    def _output_ports(self) -> Iterator[PortDescriptor]:
        if self.serves:
            what = "Read it with SQL" if self.port == "sql" else "Read the files with any engine"
            yield PortDescriptor(
                direction="out",
                name=self.port,
                version=self.said.get("version", ""),
                description=f"{what}: {', '.join(self.serves)}.",
            )

    def _input_ports(self, resolve: Resolve = _nowhere) -> Iterator[PortDescriptor]:
        for upstream in self.reads:
            domain, _, key = upstream.partition("/")
            found = [resolve(domain, table) for table in find_declared(upstream).serves]
            yield PortDescriptor(
                direction="in",
                name=key,
                upstream=upstream,
                datasets=[_address(ref) for ref in found if ref is not None],
            )

    def _objectives(self, resolve: Resolve) -> Iterator[ObjectiveDescriptor]:
        for text in _list(self.said.get("promises", ""), ";"):
            found = _PROMISE.fullmatch(text)
            if found is None:
                raise ValueError(f"{self.domain}/{self.key}: {text!r} is no promise")
            word, comparison, target, about = found.groups()
            indicator, unit, name = _INDICATORS[word]
            element = self._element(about, resolve) if about else ""
            key = f"{indicator}-{about.partition('.')[0].replace('_', '-')}" if about else indicator
            yield ObjectiveDescriptor(
                key=key,
                name=name,
                port=self.port,
                indicator=indicator,
                comparison=_comparison(comparison),
                target=Decimal(target or "0"),
                unit=unit,
                window_days=30,
                element=element,
            )

    def _checks(self, resolve: Resolve) -> Iterator[CheckDescriptor]:
        for text in _list(self.said.get("checks", ""), ";"):
            rule, about, *arguments = text.split(" ", 2)
            table, _, column = about.partition(".")
            ref = resolve(self.domain, table)
            if ref is None:
                continue
            yield CheckDescriptor.model_validate(
                {
                    "key": f"{table}-{column or 'rows'}-{rule}".replace("_", "-"),
                    "name": _check_name(rule, table, column, " ".join(arguments)),
                    "dimension": _DIMENSIONS.get(rule, Dimension.VALIDITY),
                    "rule": rule,
                    "dataset": _address(ref),
                    "column": column,
                    "params": _params(rule, " ".join(arguments)),
                }
            )

    def _contracts(self) -> Iterator[ContractDescriptor]:
        if "contract" not in self.said or self.store is None:
            return
        version, name = self.said["contract"].split()
        purpose = self.description.partition("\n")[0]
        columns = [] if _is_view(self.store, name) else _promised(self.store.table(name))
        yield ContractDescriptor(
            key=f"{self.key}-terms",
            version=version,
            port=self.port,
            purpose=re.sub(r"[*`]", "", purpose),
            usage="Reports, models and services inside the company. Name the product as source.",
            limitations="Not for decisions about one person without a human look at the record.",
            terms="Breaking changes come with a new major version, announced four weeks ahead.",
            columns=columns,
        )

    def _element(self, about: str, resolve: Resolve) -> str:
        table, _, column = about.partition(".")
        address = resolve(self.domain, table)
        name = address.name if address else table
        return f"{name}.{column}" if column else name


@cache
def declared_products() -> tuple[Declared, ...]:
    """Read every product of the demo."""
    texts = (path.read_text(encoding="utf-8") for path in sorted(PRODUCTS.glob("*.md")))
    return tuple(product for text in texts for product in read_declared(text))


def find_declared(ref: str) -> Declared:
    """Return the product with an address `domain/key`; raise ValueError when nobody declares it."""
    for product in declared_products():
        if f"{product.domain}/{product.key}" == ref:
            return product
    raise ValueError(f"no product of the demo is called {ref}")


def read_declared(text: str) -> Iterator[Declared]:
    """Read the products of one file."""
    for block in re.split(r"^# ", text, flags=re.MULTILINE)[1:]:
        address, *lines = block.strip().splitlines()
        said: dict[str, str] = {}
        while lines and (found := re.match(r"[a-z]+: ", lines[0])):
            is_several = found[0] == "team: " or " | group: " in lines[0]
            line = lines.pop(0)
            for part in line.split(" | ") if is_several else [line]:
                word, _, value = part.partition(": ")
                said[word.strip()] = value.strip()
        domain, _, key = address.partition("/")
        yield Declared(domain, key, said, "\n".join(lines).strip())


def _address(ref: DatasetRef) -> DatasetAddress:
    return DatasetAddress(namespace=ref.namespace, name=ref.name)


def _list(text: str, mark: str = ",") -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(mark) if part.strip())


def _comparison(text: str | None) -> Comparison:
    return ">=" if text == ">=" else "<="


def _check_name(rule: str, table: str, column: str, arguments: str) -> str:
    where = f"{table}.{column}" if column else table
    low, _, high = arguments.partition(" ")
    return {
        "enum": f"{where} has only allowed values",
        "pattern": f"{where} has the agreed form",
        "range": f"{where} lies between {low} and {high}",
        "not-null": f"{where} is filled",
        "row-count": f"{where} has at least {low} rows",
    }[rule]


def _params(rule: str, text: str) -> dict[str, object]:
    if rule == "enum":
        return {"values": text.split(",")}
    if rule == "pattern":
        return {"pattern": text}
    if rule in {"range", "row-count"}:
        bounds = [float(part) for part in text.split()]
        return dict(zip(("minimum", "maximum"), bounds, strict=False))
    return {}


def _is_view(store: StorePlan, name: str) -> bool:
    return name in {view.name for view in store.views}


def _promised(table: TablePlan) -> list[PromisedColumn]:
    return [
        PromisedColumn(
            path=column.name,
            type=_TYPES.get(sql_type(column), "string"),
            required=column.is_required or column.options.get("promise") == "required",
            unique=column == table.key or "unique" in column.options.get("promise", ""),
            description=column.comment,
        )
        for column in table.columns
    ]
