"""What a SQL statement reads and writes, by table and by column. Free of Django; never runs what it reads.

sqlglot, some 40 MB, is loaded with the first statement: a web process may never read one.
"""

from lineage.sql.dialects import DIALECTS, dialect_of
from lineage.sql.types import ColumnLookup, ColumnPair, Influence, Script, Statement, no_columns

__all__ = [
    "DIALECTS",
    "ColumnPair",
    "Influence",
    "Script",
    "Statement",
    "dialect_of",
    "read_script",
]


def read_script(sql: str, technology: str = "", known: ColumnLookup = no_columns) -> Script:
    """Read statements: the tables each reads and writes, and which columns go into which.

    Names are as written. How much is read is bounded by size and by steps, never by the clock
    (`lineage.sql.work`); what is beyond is told of as a problem. A technology or dialect that is not known is
    read as general SQL.
    """
    from lineage.sql.script import read

    return read(sql, technology, known)
