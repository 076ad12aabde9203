"""From the tokens of a statement to its tree, within an allowance of steps."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError
from sqlglot.parser import Parser
from sqlglot.parsers.athena import AthenaTrinoParser
from sqlglot.tokenizer_core import Token, TokenType

from lineage.sql.tokens import check_depth, tokens_of
from lineage.sql.work import (
    STEPS_PER_ATTEMPT,
    STEPS_PER_CHARACTER,
    STEPS_PER_COPY,
    STEPS_PER_TOKEN,
    current,
)

#: Tried where a statement cannot be read in its dialect.
_OTHERS = ("", "databricks", "tsql")
#: Tokens of a type that is not worth a count, as `decimal(18, 2)`.
_PLAIN_TYPE = 8


def parsed(tokens: Sequence[Token], sql: str, dialect: str) -> list[exp.Expr]:
    """Parse the tokens of a statement in their dialect, else in another.

    Raises WorkLimitExceeded, or the SqlglotError of its own dialect.
    """
    text = sql[tokens[0].start : tokens[-1].end + 1] if tokens else ""
    try:
        if dialect == "athena":  # whose tokens depend on the statement
            return _in_dialect(text, dialect)
        check_depth(tokens)
        return _parsed(tokens, sql, dialect)
    except SqlglotError:
        if (found := _in_another(text, dialect)) is not None:
            return found
        raise


def parsed_text(text: str, dialect: str) -> list[exp.Expr]:
    """Parse text that a statement holds. Raises as `parsed` does."""
    current().spend(STEPS_PER_CHARACTER * len(text))
    return parsed(tokens_of(text, dialect), text, dialect)


def _in_another(text: str, dialect: str) -> list[exp.Expr] | None:
    for other in _OTHERS:
        if other != dialect:
            with suppress(SqlglotError):
                return _in_dialect(text, other)
    return None


def _in_dialect(text: str, dialect: str) -> list[exp.Expr]:
    current().spend(STEPS_PER_CHARACTER * len(text))
    tokens = tokens_of(text, dialect)
    check_depth(tokens)
    return _parsed(tokens, text, dialect)


def _parsed(tokens: Sequence[Token], sql: str, dialect: str) -> list[exp.Expr]:
    current().require(STEPS_PER_TOKEN * len(tokens))
    current().spend(STEPS_PER_ATTEMPT)
    if dialect == "athena":  # which is two: Hive's for tables, Trino's for queries
        is_hive = bool(tokens) and tokens[0].token_type == TokenType.HIVE_TOKEN_STREAM
        tokens, dialect = (tokens[1:], "hive") if is_hive else (tokens, "trino")
        base = Dialect.get_or_raise("hive").parser_class if is_hive else AthenaTrinoParser
    else:
        base = Dialect.get_or_raise(dialect or None).parser_class
    parser = _counting(base)(dialect=Dialect.get_or_raise(dialect or None))
    return [node for node in parser.parse(list(tokens), sql) if node]


@lru_cache(maxsize=64)
def _counting(base: type[Parser]) -> type[Parser]:
    """Return a dialect's parser that counts each token it goes over, as often as it does.

    Where it goes over a whole tree again, for each of its levels or links, the tree is counted again too.
    """

    class CountingParser(base):  # type: ignore[misc,valid-type]
        def __init__(self, **options: Any) -> None:
            self._work = current()
            self._operand = (0, 0)
            super().__init__(**options)

        def _advance(self, times: int = 1) -> None:
            self._work.spend(STEPS_PER_TOKEN)
            super()._advance(times)

        def _parse_bracket(self, this: exp.Expr | None = None) -> exp.Expr | None:
            """`a[b[1]][2]…`: the types of all before and inside are told again by each."""
            start = self._index
            if this is None or self._curr.token_type != TokenType.L_BRACKET:
                plain: exp.Expr | None = super()._parse_bracket(this)
                return plain
            self._work.spend(STEPS_PER_ATTEMPT + STEPS_PER_TOKEN * _size(this))
            found: exp.Expr | None = super()._parse_bracket(this)
            self._work.spend(STEPS_PER_TOKEN * max(0, self._index - start))
            return found

        def _parse_column_ops(self, this: exp.Expr | None) -> exp.Expr | None:
            is_chain = this is not None and self._curr.token_type == TokenType.DOT
            outer, self._operand = self._operand, (_size(this) if is_chain else 0, self._index)
            try:
                found: exp.Expr | None = super()._parse_column_ops(this)
                return found
            finally:
                self._operand = outer

        def _parse_field(self, *args: Any, **options: Any) -> exp.Expr | None:
            """`a.f().g()…`: all before is copied by each."""
            is_link = self._prev.token_type == TokenType.DOT
            found: exp.Expr | None = super()._parse_field(*args, **options)
            if is_link and isinstance(found, exp.Func | exp.Window):
                size, start = self._operand
                self._work.spend(STEPS_PER_TOKEN * (size + max(0, self._index - start)))
            return found

        def _parse_types(self, *args: Any, **options: Any) -> exp.Expr | None:
            """`array<array<…`: Hive's parser rewrites all inside at each level."""
            start = self._index
            found: exp.Expr | None = super()._parse_types(*args, **options)
            if self._index - start > _PLAIN_TYPE:
                self._work.spend(4 * STEPS_PER_TOKEN * (self._index - start))
            return found

        def _implicit_unnests_to_explicit(self, this: Any) -> Any:
            """BigQuery copies what a query reads from, at each level of subqueries, and tells its names again."""
            sources = [this.args["from_"], *(this.args.get("joins") or ())]
            self._work.spend(STEPS_PER_COPY * sum(map(_size, sources)))
            return super()._implicit_unnests_to_explicit(this)

        def _parse_unnest(self, *args: Any, **options: Any) -> exp.Unnest | None:
            """`unnest(unnest(…`: BigQuery's parser tells the types of all inside at each level."""
            start = self._index
            found: exp.Unnest | None = super()._parse_unnest(*args, **options)
            self._work.spend(STEPS_PER_TOKEN * max(0, self._index - start))
            return found

        def _parse_function_call(self, *args: Any, **options: Any) -> exp.Expr | None:
            """Nested in its last argument, PostgreSQL's parser tells the types of all inside at each level."""
            start, name = self._index, self._curr.text.upper()
            found: exp.Expr | None = super()._parse_function_call(*args, **options)
            if name == "REGEXP_REPLACE":
                self._work.spend(STEPS_PER_TOKEN * max(0, self._index - start))
            return found

        def _parse_join(self, *args: Any, **options: Any) -> exp.Join | None:
            """ClickHouse's parser looks through all that an ARRAY JOIN holds."""
            start = self._index
            found: exp.Join | None = super()._parse_join(*args, **options)
            if found is not None and found.kind == "ARRAY":
                self._work.spend(STEPS_PER_TOKEN * max(0, self._index - start))
            return found

        def _replace_lambda(self, node: exp.Expr | None, *args: Any) -> exp.Expr | None:
            """All inside is looked through at each level."""
            self._work.spend(2 * _size(node))
            found: exp.Expr | None = super()._replace_lambda(node, *args)
            return found

    return CountingParser


def _size(node: exp.Expr | None) -> int:
    return 0 if node is None else sum(1 for _ in node.walk())
