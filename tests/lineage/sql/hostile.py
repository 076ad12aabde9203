"""Statements made to take long: small texts that nest, repeat or multiply. Each makes one of a size."""

from __future__ import annotations

from collections.abc import Callable

Shape = Callable[[int], str]


def _nested(opens: str, closes: str, core: str = "a", before: str = "SELECT ") -> Shape:
    return lambda size: before + opens * size + core + closes * size


def _listed(unit: str, before: str, after: str = "", between: str = ", ") -> Shape:
    return lambda size: (
        before + between.join(unit.replace("#", str(n)) for n in range(size)) + after
    )


def _wrapped(around: str, core: str) -> Shape:
    def shape(size: int) -> str:
        text = core
        for number in range(size):
            text = around.replace("#", str(number)).replace("?", text)
        return text

    return shape


#: Levels of brackets, or CASEs, that each of these opens at one size.
NESTED: dict[str, tuple[int, Shape]] = {
    "brackets": (1, _nested("(", ")")),
    "functions": (1, _nested("coalesce(a, ", ")")),
    "casts": (1, _nested("CAST(", " AS int)")),
    "cases": (1, _nested("CASE WHEN b THEN c ELSE ", " END")),
    "negations": (2, _nested("NOT (", ")")),
    "signs": (1, _nested("- ", "")),
    "in": (1, _nested("a IN (SELECT b FROM t WHERE ", ")", before="SELECT * FROM t WHERE ")),
    "any": (2, _nested("a = ANY (SELECT b FROM t WHERE ", ")", before="SELECT * FROM t WHERE ")),
    "exists": (2, _nested("EXISTS (SELECT 1 FROM t WHERE ", ")", before="SELECT 1 FROM t WHERE ")),
    "tables": (1, _wrapped("SELECT a FROM (?) x#", "SELECT a FROM t")),
    "values": (3, _wrapped("SELECT (SELECT coalesce(a, (?)) FROM t#)", "SELECT 1")),
    "unions": (1, _wrapped("SELECT a FROM (? UNION ALL SELECT a FROM u#) x", "SELECT a FROM t")),
    "common tables": (1, _wrapped("WITH c# AS (?) SELECT a FROM c#", "SELECT a FROM t")),
    "recursion": (
        1,
        _wrapped(
            "WITH RECURSIVE r# AS (? UNION ALL SELECT a FROM r#) SELECT a FROM r#",
            "SELECT a FROM t",
        ),
    ),
    "windows": (1, _nested("sum(", ") OVER (PARTITION BY b)")),
    "lambdas": (1, _nested("f(x -> ", ")")),
    "arrays": (1, _nested("ARRAY[", "]")),
    "indexes": (1, _nested("a[", "]")),
}
WIDE: dict[str, Shape] = {
    "columns": _listed("c#", "SELECT ", " FROM t"),
    "columns without a name": _listed("(SELECT " + "+".join("a" * 99) + " FROM t)", "SELECT "),
    "terms": _listed("c#", "SELECT ", " FROM t", " + "),
    "conditions": _listed("a = #", "SELECT a FROM t WHERE ", between=" OR "),
    "numbers": _listed("#", "SELECT a FROM t WHERE a IN (", ")"),
    "texts": _listed("'x#'", "SELECT a FROM t WHERE a IN (", ")"),
    "branches": _listed("WHEN a = # THEN b#", "SELECT CASE ", " END FROM t", " "),
    "joins": _listed("JOIN t# USING (c1)", "SELECT c1 FROM t ", between=" "),
    "natural joins": _listed("NATURAL JOIN t#", "SELECT c1 FROM t ", between=" "),
    "tables": _listed("t#", "SELECT c1 FROM "),
    "stars": _listed("*", "SELECT ", " FROM t"),
    "unions of stars": _listed("SELECT * FROM t", "", between=" UNION ALL "),
    "stars over unions": _listed(
        "SELECT * FROM (SELECT * FROM t UNION SELECT * FROM t) x", "", "", ";"
    ),
    "subqueries": _listed("(SELECT max(a) FROM t# WHERE b = t.c1) AS m#", "SELECT ", " FROM t"),
    "common tables": lambda size: (
        "WITH c0 AS (SELECT * FROM t)"
        + "".join(f", c{n + 1} AS (SELECT p.*, q.* FROM c{n} p, c{n} q)" for n in range(size))
        + f" SELECT * FROM c{size}"
    ),
    "indexes": _listed("[1]", "SELECT a", between=""),
    "methods": _listed(".f()", "SELECT a", between=""),
    "types": lambda size: f"SELECT CAST(a AS {'array<' * size}int{'>' * size})",
    "comments": _listed("a /* # */", "SELECT ", " FROM t"),
    "quotes": _listed("''", "SELECT '", "'", ""),
    "statements": _listed("INSERT INTO t# SELECT * FROM t", "", between=";"),
    "broken statements": _listed("SELECT a FROM FROM t#", "", between=";"),
    "brackets that stay open": _listed("(", "SELECT ", between=""),
    "brackets that close nothing": _listed(")", "SELECT ", between=""),
    "commas": _listed(",", "SELECT ", between=""),
    "dots": _listed(".", "SELECT a", between=""),
    "words": _listed("a", "SELECT ", between=" "),
}
