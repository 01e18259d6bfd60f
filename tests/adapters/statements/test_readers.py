"""Every reader of the container fulfils the contract."""

import pytest

from dashtam.container import container
from domain.ledger.ports import StatementReader
from tests.adapters.statements.examples import EXAMPLES
from tests.contracts.statement_reader import StatementReaderContract


@pytest.mark.parametrize(
    "reader", container.ports.statement_readers, ids=lambda reader: reader.format
)
class TestReaders(StatementReaderContract):
    @pytest.fixture
    def content(self, reader: StatementReader) -> bytes:
        return EXAMPLES[reader.format]
