"""How to connect to what a grant opens: SQL, Python and DuckDB for the store's technology.

The address is the port's own where it states one, else the dataset's physical identity. Credentials
are never part of it: they come from the environment of the person who connects.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from catalog.models import Dataset, Port

_READERS = {
    "parquet": ("read_parquet", "read_parquet"),
    "csv": ("read_csv", "read_csv"),
    "ndjson": ("read_json", "read_json"),
    "json": ("read_json", "read_json"),
}
_ATTACH = {
    "sqlite": "SQLITE",
    "postgresql": "POSTGRES",
    "mysql": "MYSQL",
    "mariadb": "MYSQL",
}
_DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}


@dataclass(frozen=True, slots=True)
class Snippet:
    """One way to connect, ready to copy."""

    language: str  # "SQL", "Python", "DuckDB"
    code: str


def connect_snippets(port: Port, dataset: Dataset) -> list[Snippet]:
    """Return how to read a dataset behind a port, for the technology it is kept in."""
    technology = _technology(port, dataset)
    if technology in _READERS:
        return _file_snippets(_file_path(port, dataset), technology)
    address = port.location or dataset.namespace
    table = _table(dataset, technology)
    sql = f"SELECT *\nFROM {_dotted(table, technology)}\nLIMIT 100;"
    snippets = [Snippet("SQL", f"-- {_one_line(address)}\n{sql}")]
    snippets.append(Snippet("Python", _python(address, _dotted(table, technology), technology)))
    if kind := _ATTACH.get(technology):
        snippets.append(Snippet("DuckDB", _duckdb(address, table, kind)))
    return snippets


def _technology(port: Port, dataset: Dataset) -> str:
    name = (dataset.technology or port.technology).lower()
    return {"postgres": "postgresql", "jsonl": "ndjson"}.get(name, name)


def _file_path(port: Port, dataset: Dataset) -> str:
    """Return the address of a file: OpenLineage puts the root in the namespace, the path in the name."""
    space, name = dataset.namespace, dataset.name
    if "://" in name or space in {"", "file"}:
        return name
    return f"{space.rstrip('/')}/{name.lstrip('/')}" if "://" in space else name


def _file_snippets(path: str, technology: str) -> list[Snippet]:
    function, pandas = _READERS[technology]
    lines = ", lines=True" if technology == "ndjson" else ""
    sql = f"SELECT *\nFROM {function}({_text(path)})\nLIMIT 100;"
    python = f"import pandas as pd\n\nframe = pd.{pandas}({path!r}{lines})\nprint(frame.head())"
    engine = f"import duckdb\n\nduckdb.sql({_compact(sql)!r}).show()"
    return [Snippet("SQL", sql), Snippet("Python", python), Snippet("DuckDB", engine)]


def _compact(sql: str) -> str:
    return sql.replace("\n", " ").rstrip(";")


def _table(dataset: Dataset, technology: str) -> list[str]:
    """Return the parts of a table's name that stand in SQL: without the database on PostgreSQL."""
    parts = dataset.name.split(".")
    if technology == "postgresql" and len(parts) > 2:
        return parts[-2:]
    return parts[-1:] if technology == "sqlite" else parts


def _python(address: str, table: str, technology: str) -> str:
    query = f"SELECT * FROM {table} LIMIT 100"
    if technology == "sqlite":
        connect = (
            f"import sqlite3\n\nwith sqlite3.connect({_sqlite_path(address)!r}) as connection:"
        )
        return f"{connect}\n    for row in connection.execute({query!r}):\n        print(row)"
    return (
        "import os\n\nfrom sqlalchemy import create_engine, text\n\n"
        f"# {_one_line(address)}; DATABASE_URL carries your own user and password:\n"
        f"# {_url_form(address, technology)}\n"
        'engine = create_engine(os.environ["DATABASE_URL"])\n'
        "with engine.connect() as connection:\n"
        f"    for row in connection.execute(text({query!r})):\n        print(row)"
    )


def _url_form(address: str, technology: str) -> str:
    driver = _DRIVERS.get(technology, technology or "dialect")
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2] or "HOST"
    return _one_line(f"{driver}://USER:PASSWORD@{host}{parts.path or '/DATABASE'}")


def _duckdb(address: str, table: list[str], kind: str) -> str:
    if kind == "SQLITE":
        target = _text(_sqlite_path(address))
    else:
        parts = urlsplit(address)
        name = parts.path.strip("/") or "DATABASE"
        target = _text(f"host={parts.hostname or 'HOST'} port={_port_of(address)} dbname={name}")
    source = _dotted(["store", *table], "duckdb")
    attach = f"INSTALL {kind.lower()};\nLOAD {kind.lower()};\nATTACH {target} AS store"
    return f"{attach} (TYPE {kind}, READ_ONLY);\nSELECT *\nFROM {source}\nLIMIT 100;"


def _port_of(address: str) -> int:
    try:
        return urlsplit(address).port or 5432
    except ValueError:
        return 5432


def _sqlite_path(address: str) -> str:
    path = address.removeprefix("sqlite://")
    return path[1:] if path.startswith("/") and path != address and not _absolute(path) else path


def _absolute(path: str) -> bool:
    """Tell `sqlite:////abs` and `sqlite:///abs/olute` from `sqlite:///relative.db`."""
    return path.startswith("//") or path.count("/") > 1


def _dotted(parts: list[str], technology: str) -> str:
    mark = "`" if technology in {"mysql", "mariadb"} else '"'
    return ".".join(f"{mark}{part.replace(mark, mark * 2)}{mark}" for part in parts)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _one_line(value: str) -> str:
    return " ".join(value.split())
