"""Second stage: what each descriptor changes, or why it is refused. Nothing is written here.

The order within: the subject is resolved to its row (by key, else by GUID); what whoever speaks may not
change, then what the catalog cannot take, is refused; the layers of the rest are merged and compared; last,
what would change is shown to `authorize` once more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from catalog.descriptors import LayerKind, ProductDescriptor
from catalog.models import Dataset, Layer, Product
from catalog.registry.authorize import refuse_changes, refuse_subject, visible_domains
from catalog.registry.contract_ids import check_contract_ids
from catalog.registry.diff import Change, diff
from catalog.registry.merge import Merged, Statement, merge
from catalog.registry.outcomes import Problem
from catalog.registry.ownership import check_ownership
from catalog.registry.preload import BatchContext, statement_of
from catalog.registry.references import check
from catalog.registry.stages import Author, Incoming, PendingChange, SubjectKey

Row = Product | Dataset
_Claims = dict[tuple[str, object], str]


def decide(
    batch: Sequence[Incoming],
    unchanged: Mapping[SubjectKey, int],
    context: BatchContext,
    author: Author,
) -> list[PendingChange]:
    """Decide on those of a batch that are not known to stay `unchanged` (rows by subject)."""
    keys = frozenset(one.key for one in batch if one.kind == "product")
    domains = visible_domains(context, author.authority)
    claims = _claims_of(batch, unchanged)
    rest = [one for one in batch if one.subject not in unchanged]
    foreign = check_contract_ids(rest, context, author) | check_ownership(rest, context, author)
    decided = []
    for one in batch:
        if one.subject in unchanged:
            continue
        row = _row(one, context)
        problems = (
            _refuse_row(one, row, context, author, keys)
            or check(one.descriptor, context, keys, _nameable(domains, row), author.authority)
            or foreign.get(one.subject, ())
            or _claim(one, row, claims)
        )
        if problems:
            decided.append(PendingChange(one, row, problems))
        else:
            decided.append(_decide(one, row, context, author))
    return refuse_changes(decided, context, author)


def _refuse_row(
    one: Incoming, row: Row | None, context: BatchContext, author: Author, keys: frozenset[str]
) -> tuple[Problem, ...]:
    """Return why what is stored may not be changed.

    Whoever could not take a key if it were free is told just that: they do not learn that something hidden holds it.
    """
    problems = refuse_subject(one, row, context, author)
    if [(problem.path, problem.refusal) for problem in problems] != [("key", "reserved")]:
        return problems
    products = {key: found for key, found in context.products.items() if key != one.key}
    free = replace(context, products=products, layers={})
    named = visible_domains(free, author.authority)
    if wrong := check(one.descriptor, free, keys, named, author.authority):
        return wrong
    [made] = refuse_changes([_decide(one, None, free, author)], free, author)
    return made.problems or problems


def _nameable(domains: frozenset[str], row: Row | None) -> frozenset[str]:
    """Return the domains that may be named: those seen, and that of what may be changed."""
    return domains | {row.domain.key} if isinstance(row, Product) else domains


def _row(one: Incoming, context: BatchContext) -> Row | None:
    if isinstance(one.descriptor, ProductDescriptor):
        guid = one.descriptor.guid
        return context.products.get(one.key) or (context.by_guid.get(guid) if guid else None)
    return context.datasets.get(one.key)


def _decide(one: Incoming, row: Row | None, context: BatchContext, author: Author) -> PendingChange:
    key = str(row.ref) if isinstance(row, Product) else one.key
    layers = context.layers.get((one.kind, key), [])
    own = next((r for r in layers if (r.kind, r.source) == (author.layer, author.source)), None)
    author = author.after(own)
    is_back = _is_back(row, layers, author)
    if own is not None and not _is_newer(own, one.digest, author):
        return _outdated(one, row, layers, is_stale=own.digest != one.digest, is_back=is_back)
    renamed_from = key if key != one.key else ""
    others = [statement_of(layer) for layer in layers if layer is not own]
    layer = _layer_row(one, own, author)
    merged, changes = Merged(), tuple[Change, ...]()
    if not (row and not renamed_from and _is_repeated(one, own, others, author)):
        merged = merge([*others, _statement(one, layer, author)])
        before = merge(map(statement_of, layers)) if row else Merged()
        changes = (*diff(one.kind, before, merged), *_renaming(renamed_from, one.key))
    return PendingChange(
        incoming=one,
        row=row,
        layer=layer,
        has_layer=own is not None,
        merged=merged,
        changes=changes,
        is_back=is_back,
        renamed_from=renamed_from,
    )


def _outdated(
    one: Incoming, row: Row | None, layers: Sequence[Layer], *, is_stale: bool, is_back: bool
) -> PendingChange:
    """Decide on what is no newer than its source's own layer: at most, rows come back from the layers."""
    merged = Merged() if row else merge(map(statement_of, layers))
    changes = diff(one.kind, Merged(), merged)
    return PendingChange(
        incoming=one,
        row=row,
        has_layer=True,
        merged=merged,
        changes=changes,
        is_stale=is_stale,
        is_back=is_back,
    )


def _is_back(row: Row | None, layers: Sequence[Layer], author: Author) -> bool:
    """Tell whether a dataset that was gone is there again: a harvest saw it, or none ever did."""
    if not isinstance(row, Dataset) or row.gone_at is None:
        return False
    if author.layer == LayerKind.DECLARED:
        return not any(layer.kind == LayerKind.HARVESTED for layer in layers)
    return author.layer == LayerKind.HARVESTED


def _is_newer(own: Layer, digest: str, author: Author) -> bool:
    if author.at == own.stated_at:
        return digest > own.digest
    return author.at > own.stated_at


def _is_repeated(
    one: Incoming, own: Layer | None, others: Iterable[Statement], author: Author
) -> bool:
    """Tell whether the only statement of its kind is made again, word for word."""
    alone = not any(statement.kind == author.layer for statement in others)
    return own is not None and own.digest == one.digest and alone


def _statement(one: Incoming, layer: Mapping[str, Any], author: Author) -> Statement:
    if author.stamps:
        return statement_of(Layer(**layer))
    by = author.by.pk if author.by else None
    return Statement(author.layer, author.source, one.content, author.at, by)


def _renaming(before: str, after: str) -> Iterator[Change]:
    if before:
        yield Change("address", before, after)


def _layer_row(one: Incoming, own: Layer | None, author: Author) -> dict[str, Any]:
    return {
        "subject_kind": one.kind,
        "subject_key": one.key,
        "kind": author.layer.value,
        "source": author.source,
        "content": one.content,
        "digest": one.digest,
        "stamps": dict(author.stamps),
        "stated_at": author.at,
        "by_id": author.by.pk if author.by else (own.by_id if own else None),
    }


def _claims_of(batch: Iterable[Incoming], unchanged: Mapping[SubjectKey, int]) -> _Claims:
    """Return what products that stay as they are hold."""
    claims: _Claims = {}
    for one in batch:
        row_id = unchanged.get(one.subject)
        if row_id is not None and isinstance(one.descriptor, ProductDescriptor):
            claims["row", row_id] = one.key
            if one.descriptor.guid:
                claims["guid", one.descriptor.guid] = one.key
    return claims


def _claim(one: Incoming, row: Row | None, claims: _Claims) -> tuple[Problem, ...]:
    """Refuse a second address for one product in one batch."""
    if not isinstance(one.descriptor, ProductDescriptor):
        return ()
    guid = one.descriptor.guid
    wanted: list[tuple[str, object]] = [("guid", guid)] if guid else []
    if row is not None:
        wanted.append(("row", row.pk))
    for claim in wanted:
        if claim in claims:
            message = f"{claims[claim]} is the same product in the same batch"
            return (Problem("guid" if guid else "key", guid or one.descriptor.key, message),)
    claims.update(dict.fromkeys(wanted, one.key))
    return ()
