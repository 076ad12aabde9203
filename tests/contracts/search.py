"""What every search backend must do, whatever it is made of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from catalog.search.base import SearchBackend
from catalog.search.types import Document, FieldText, Query

NOW = datetime(2026, 5, 3, tzinfo=UTC)


def document(pk: int, name: str, **said: Any) -> Document:
    """Make a public, active product."""
    facets = {"domain": ("insurance", "claims"), "status": ("active",), **said.pop("facets", {})}
    fields: dict[str, Any] = {
        "kind": "product",
        "audience": "public",
        "key": name.lower().replace(" ", "-"),
        "status": "active",
        "updated_at": NOW,
    }
    return Document(id=pk, name=name, facets=facets, **{**fields, **said})


SHELF = (
    document(
        1,
        "Settled claims",
        description="Every settled claim with its reserve.",
        tags=("late",),
        columns=(FieldText("claim_settled_at"), FieldText("custId", "who claimed")),
        quality_score=94.0,
        facets={"tag": ("late",)},
    ),
    document(2, "Claims", description="The register.", quality_score=60.0),
    document(3, "Claims archive", status="deprecated", facets={"status": ("deprecated",)}),
    document(
        4,
        "Fraud suspicions",
        audience="team:7",
        description="Suspected claims, zyzzyva",
        facets={"domain": ("insurance", "siu"), "tag": ("hush",)},
    ),
    document(
        5, "Café visits", facets={"domain": ("streaming",)}, columns=(FieldText("CUSTOMER-ID"),)
    ),
)
WORDS = ("treatment", "treatments", "rain", "snow", "wind")
PUBLIC = frozenset({"public"})


class SearchBackendContract:
    """Subclasses say how to make an empty backend."""

    def make(self) -> SearchBackend:
        """Return an empty backend."""
        raise NotImplementedError

    def filled(self) -> SearchBackend:
        """Return a backend with the shelf."""
        backend = self.make()
        backend.index(SHELF)
        return backend

    def ids(self, text: str, **said: Any) -> list[int]:
        """Ask as the public and return ids in order."""
        query = Query(**{"viewers": PUBLIC, "text": text, "now": NOW, **said})
        return [hit.id for hit in self.filled().search(query).hits]

    def test_the_exact_name_comes_first(self) -> None:
        assert self.ids("claims")[0] == 2

    def test_identifiers_meet_however_they_are_written(self) -> None:
        assert set(self.ids("customer id")) >= {5}
        assert self.ids("settled-at") == self.ids("settledAt") == [1]

    def test_words_are_stemmed_and_accents_folded(self) -> None:
        assert 1 in self.ids("settle reserves")
        assert self.ids("cafe") == [5]

    def test_a_phrase_wants_its_words_side_by_side(self) -> None:
        assert self.ids('"settled claim"') == [1]
        assert self.ids('"claim settled reserve"') == []

    def test_a_minus_takes_out(self) -> None:
        assert set(self.ids("claims -archive")) == {1, 2}

    def test_a_field_narrows_to_it(self) -> None:
        assert self.ids("tag:late") == [1]
        assert self.ids("claims status:deprecated") == [3]
        assert self.ids("column:settled") == [1]

    def test_the_last_word_may_be_unfinished(self) -> None:
        assert self.ids("archi") == [3]

    def test_a_typo_is_forgiven_and_said(self) -> None:
        answer = self.filled().search(Query(viewers=PUBLIC, text="archve ", now=NOW))
        assert [hit.id for hit in answer.hits] == [3]
        assert answer.spelling is not None
        assert answer.spelling.text == "archive"

    def test_active_comes_before_deprecated(self) -> None:
        found = self.ids("claims")
        assert found.index(1) < found.index(3)

    def test_facets_ignore_their_own_filter_and_respect_the_others(self) -> None:
        query = Query(
            viewers=PUBLIC, text="claims", filters={"status": frozenset({"active"})}, now=NOW
        )
        answer = self.filled().search(query)
        counts = {v.value: v.count for v in answer.facets["status"]}
        assert counts == {"active": 2, "deprecated": 1}
        assert {v.value: v.count for v in answer.facets["tag"]} == {"late": 1}

    def test_nothing_hidden_shows_anywhere(self) -> None:
        backend = self.filled()
        answer = backend.search(Query(viewers=PUBLIC, text="suspicions", now=NOW))
        assert (answer.total, answer.hits) == (0, ())
        everything = backend.search(Query(viewers=PUBLIC, now=NOW))
        assert everything.total == 4
        shown = {v.value for values in everything.facets.values() for v in values}
        assert not shown & {"siu", "hush"}
        assert backend.suggest("Fraud", viewers=PUBLIC) == ()
        assert backend.search(Query(viewers=PUBLIC, text="zyzzyvo ", now=NOW)).spelling is None

    def test_those_who_may_see_it_find_it(self) -> None:
        assert self.ids("suspicions", viewers=frozenset({"public", "team:7"})) == [4]
        assert self.ids("suspicions", viewers=None) == [4]

    def test_a_hit_says_why(self) -> None:
        answer = self.filled().search(Query(viewers=PUBLIC, text="settled claims", now=NOW))
        said = answer.hits[0].reasons
        assert any("name matches" in reason for reason in said)
        assert "quality 94" in said

    def test_pages_follow_one_another(self) -> None:
        assert self.ids("", limit=2) + self.ids("", limit=2, offset=2) == self.ids("", limit=4)

    def test_sorting_by_name_and_quality(self) -> None:
        assert self.ids("", sort="name")[:2] == [5, 2]
        assert self.ids("", sort="quality")[0] == 1

    def test_indexing_again_replaces_and_deleting_removes(self) -> None:
        backend = self.filled()
        backend.index([document(2, "Renamed")])
        backend.delete("product", [1])
        answer = backend.search(Query(viewers=PUBLIC, now=NOW))
        assert {hit.id for hit in answer.hits} == {2, 3, 5}
        assert backend.check().counts["product"] == 4

    def test_a_rebuild_replaces_everything(self) -> None:
        backend = self.filled()
        assert backend.rebuild([document(9, "Alone")]) == 1
        assert [h.id for h in backend.search(Query(viewers=PUBLIC, now=NOW)).hits] == [9]

    def test_odd_questions_are_answered(self) -> None:
        backend = self.filled()
        for text in ('"', "-", "a:b:c", "'; DROP TABLE x --", "* OR", "(" * 50, "\x00", "é" * 900):
            backend.search(Query(viewers=PUBLIC, text=text, now=NOW))

    def test_nothing_but_a_minus_leaves_the_rest(self) -> None:
        assert set(self.ids("-archive")) == {1, 2, 5}

    def test_the_word_as_written_counts_more_than_its_stem(self) -> None:
        backend = self.make()
        written = (document(n, f"Shop {n}", description=f"About {w}.") for n, w in enumerate(WORDS))
        backend.index(written)
        hits = backend.search(Query(viewers=PUBLIC, text="treatments ", now=NOW)).hits
        assert [WORDS[hit.id] for hit in hits] == ["treatments", "treatment"]

    def test_a_name_completes_by_its_words(self) -> None:
        backend = self.filled()
        assert {c.id for c in backend.suggest("cla", viewers=PUBLIC)} == {1, 2, 3}
        assert [c.id for c in backend.suggest("settled cl", viewers=PUBLIC)] == [1]
        assert backend.suggest("  ", viewers=PUBLIC) == ()

    def test_counting_agrees_with_searching(self) -> None:
        backend = self.filled()
        for text in ("", "claims", "late claims", "-archive", "nothing at all"):
            query = Query(viewers=PUBLIC, text=text, now=NOW)
            assert backend.count(query) == backend.search(query).total

    def test_several_values_of_a_facet_mean_any_of_them(self) -> None:
        chosen = {"domain": frozenset({"claims", "streaming"}), "status": frozenset({"active"})}
        assert set(self.ids("", filters=chosen)) == {1, 2, 5}
        assert self.ids("", filters={"updated": frozenset({"year"})}, limit=1)
        assert self.ids("", filters={"tag": frozenset({"unheard of"})}) == []
