"""The statements in a stored procedure's body that move data."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot.tokenizer_core import Token, TokenType

_STARTS = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "COPY", "TRUNCATE"})
#: What a statement may stand behind, besides a semicolon.
_BEFORE = frozenset(
    {"BEGIN", "THEN", "ELSE", "LOOP", "DO", "AS", "IS", "TRY", "CATCH", "ON", "OFF", "END"}
)
_ENDS = frozenset({"END", "GO"})


def carved(tokens: list[Token]) -> Iterator[list[Token]]:
    """Yield each statement of a body that changes data; loops, conditions and variables are left out."""
    place = 0
    while place < len(tokens):
        if _begins(tokens, place):
            end = _end(tokens, place)
            yield tokens[place:end]
            place = end
        else:
            place += 1


def _begins(tokens: list[Token], place: int) -> bool:
    word = tokens[place].text.upper()
    if word not in _STARTS and not _makes_table(tokens, place):
        return False
    if place == 0:
        return False
    before = tokens[place - 1]
    return before.token_type == TokenType.SEMICOLON or before.text.upper() in _BEFORE


def _makes_table(tokens: list[Token], place: int) -> bool:
    words = [token.text.upper() for token in tokens[place : place + 5]]
    return words[:1] == ["CREATE"] and ("TABLE" in words or "VIEW" in words)


def _end(tokens: list[Token], start: int) -> int:
    """Return where a statement ends: at a semicolon outside of brackets, or where its block does."""
    depth = cases = 0
    for place in range(start, len(tokens)):
        token, word = tokens[place], tokens[place].text.upper()
        if token.token_type == TokenType.L_PAREN:
            depth += 1
        elif token.token_type == TokenType.R_PAREN:
            depth -= 1
        elif word == "CASE":
            cases += 1
        elif word == "END" and cases:
            cases -= 1
        elif (token.token_type == TokenType.SEMICOLON and depth <= 0) or (
            word in _ENDS and depth <= 0
        ):
            return place
    return len(tokens)
