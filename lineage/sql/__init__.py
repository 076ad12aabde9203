"""What a SQL statement reads and writes, by table and by column. Free of Django; never runs what it reads."""

from lineage.sql.answers import ColumnPair, Influence, Script, Statement
from lineage.sql.dialects import DIALECTS, dialect_of
from lineage.sql.script import read_script

__all__ = [
    "DIALECTS",
    "ColumnPair",
    "Influence",
    "Script",
    "Statement",
    "dialect_of",
    "read_script",
]
