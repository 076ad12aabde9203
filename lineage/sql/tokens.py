"""From text to the tokens of each statement: cut once, at semicolons outside of blocks, not too deep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlglot
from sqlglot.tokenizer_core import Token, TokenType

from lineage.sql.work import MAX_DEPTH, WorkLimitExceeded

_OPENS = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE, TokenType.CASE})
_CLOSES = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE})
#: What may stand before an operand; each takes the parser one level deeper.
_BEFORE = frozenset(
    {
        TokenType.NOT,
        TokenType.DASH,
        TokenType.PLUS,
        TokenType.TILDE,
        TokenType.INTERVAL,
        TokenType.ANY,
        TokenType.ALL,
        TokenType.SOME,
        TokenType.EXISTS,
    }
)


def tokens_of(sql: str, dialect: str) -> list[Token]:
    """Cut text into tokens. Raises SqlglotError."""
    tokens = sqlglot.tokenize(sql, read=dialect or None)
    return _without_phrases(tokens) if dialect == "teradata" else tokens


def _without_phrases(tokens: list[Token]) -> list[Token]:
    """Leave out what only dresses a column in Teradata: `amount (TITLE 'Amount')`, `(FORMAT '9(8)')`."""
    kept: list[Token] = []
    place = 0
    while place < len(tokens):
        if _is_phrase(tokens[place : place + 4]):
            place += 4
        else:
            kept.append(tokens[place])
            place += 1
    return kept


def _is_phrase(tokens: Sequence[Token]) -> bool:
    if len(tokens) < 4 or tokens[0].text != "(" or tokens[3].text != ")":
        return False
    return tokens[1].text.upper() in ("TITLE", "FORMAT") and (
        tokens[2].token_type == TokenType.STRING
    )


def statements_of(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Yield the tokens of each statement; a procedure is one."""
    begun: list[Token] = []
    is_block = False
    for place, token in enumerate(tokens):
        if token.token_type == TokenType.SEMICOLON and not is_block:
            if begun:
                yield begun
            begun = []
        elif begun or token.token_type != TokenType.SEMICOLON:
            if not begun:
                is_block = is_routine(tokens[place : place + 6])
            begun.append(token)
    if begun:
        yield begun


def is_routine(tokens: Sequence[Token]) -> bool:
    """Tell whether tokens begin a block or a stored procedure."""
    words = [token.text.upper() for token in tokens[:6]]
    if len(words) > 1 and words[0] in ("BEGIN", "DECLARE"):
        return words[:2] != ["DECLARE", "@"] and "@" not in words[1][:1]
    return words[:1] in (["CREATE"], ["ALTER"]) and any(w in ("PROCEDURE", "PROC") for w in words)


def check_depth(tokens: Sequence[Token]) -> None:
    """Refuse what is nested deeper than the parser can follow. Raises WorkLimitExceeded."""
    levels: list[tuple[TokenType, int]] = []
    depth = before = 0
    for token in tokens:
        kind = token.token_type
        if kind in _OPENS:
            levels.append((kind, 1 + before))
            depth += 1 + before
            before = 0
        elif levels and _closes(kind, levels[-1][0]):
            depth -= levels.pop()[1]
        if kind == TokenType.SELECT:  # as in UNION ALL SELECT
            before = 0
        if depth + before > MAX_DEPTH and kind not in _BEFORE:
            raise WorkLimitExceeded(f"it is nested too deeply: more than {MAX_DEPTH} levels")
        before = before + 1 if kind in _BEFORE else 0


def _closes(kind: TokenType, opened: TokenType) -> bool:
    return kind == TokenType.END if opened == TokenType.CASE else kind in _CLOSES
