"""Every reader of the container fulfils the contract."""

from collections.abc import Callable

import pytest

from adapters.statements.readers import statement_readers
from dashtam.container import container
from domain.ledger.ports import StatementReader
from tests.adapters.statements.examples import BROKEN, EXAMPLES, ROW_BEGINS
from tests.contracts.statement_reader import FormatReaderContract, StatementReaderContract

READERS = {each.format: each for each in container.ports.statement_readers}


class TestArchives(StatementReaderContract):
    @pytest.fixture
    def reader(self) -> StatementReader:
        return READERS["zip"]

    @pytest.fixture
    def content(self) -> bytes:
        return EXAMPLES["zip"]


@pytest.mark.parametrize(
    "reader", [each for each in READERS.values() if each.format in BROKEN], ids=lambda r: r.format
)
class TestReaders(FormatReaderContract):
    @pytest.fixture
    def content(self, reader: StatementReader) -> bytes:
        return EXAMPLES[reader.format]

    @pytest.fixture
    def broken(self, reader: StatementReader) -> bytes:
        return BROKEN[reader.format]

    @pytest.fixture
    def beginning(self, reader: StatementReader) -> bytes:
        return ROW_BEGINS[reader.format]

    @pytest.fixture
    def limited(self, reader: StatementReader) -> Callable[[int], StatementReader]:
        at = [each.format for each in statement_readers()].index(reader.format)
        return lambda max_rows: statement_readers(max_rows)[at]
