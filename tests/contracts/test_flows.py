"""The graph in memory and the tables answer alike."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from lineage.adjacency import memory
from lineage.adjacency.arrays import Graph
from tests.contracts.flows import FlowsContract, Open


@pytest.fixture(autouse=True)
def _anew() -> Iterator[None]:
    memory.forget()
    yield
    memory.forget()


class TestInTables(FlowsContract):
    @pytest.fixture
    def datasets(self, settings: Settings) -> Open:
        settings.LINEAGE_GRAPH = "tables"
        return memory.dataset_flows

    @pytest.fixture
    def columns(self, settings: Settings) -> Open:
        settings.LINEAGE_GRAPH = "tables"
        return memory.column_flows


class TestInMemory(FlowsContract):
    @pytest.fixture
    def datasets(self, db: None, settings: Settings) -> Open:
        settings.LINEAGE_GRAPH = "memory"
        assert isinstance(memory.dataset_flows().flows, Graph)
        return memory.dataset_flows

    @pytest.fixture
    def columns(self, db: None, settings: Settings) -> Open:
        settings.LINEAGE_GRAPH = "memory"
        assert isinstance(memory.column_flows().flows, Graph)
        return memory.column_flows
