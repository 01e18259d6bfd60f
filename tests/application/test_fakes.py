"""The fakes keep the same contracts as the real adapters: a fake cannot lie."""

from collections.abc import Sequence

import pytest

from domain.identity.ports import Mailer, PasswordHasher, TokenIssuer
from domain.ledger.ports import StatementReader
from domain.shared.events import DomainEvent
from domain.shared.ports import Clock
from tests.contracts.audit import AuditTrailContract
from tests.contracts.clock import ClockContract
from tests.contracts.connections import ConnectionRepositoryContract, CredentialVaultContract
from tests.contracts.csv_profiles import CsvProfileRepositoryContract
from tests.contracts.events import EventPublisherContract, Heard
from tests.contracts.identity import (
    MailerContract,
    PasswordHasherContract,
    SessionRepositoryContract,
    TokenIssuerContract,
    UserRepositoryContract,
)
from tests.contracts.ledger import (
    AccountRepositoryContract,
    BalanceRepositoryContract,
    FileArchiveContract,
    ImportRepositoryContract,
    TransactionRepositoryContract,
)
from tests.contracts.statement_reader import StatementReaderContract
from tests.contracts.ways_back import WaysBackContract
from tests.fakes import (
    CountingTokens,
    FixedClock,
    InMemoryMailer,
    PlainHasher,
    RecordingPublisher,
)
from tests.plain_reader import PlainReader


class TestCsvProfiles(CsvProfileRepositoryContract):
    pass


class TestUsers(UserRepositoryContract):
    pass


class TestSessions(SessionRepositoryContract):
    pass


class TestConnections(ConnectionRepositoryContract):
    pass


class TestVault(CredentialVaultContract):
    pass


class TestAccounts(AccountRepositoryContract):
    pass


class TestTransactions(TransactionRepositoryContract):
    pass


class TestWaysBack(WaysBackContract):
    pass


class TestBalances(BalanceRepositoryContract):
    pass


class TestImports(ImportRepositoryContract):
    pass


class TestFiles(FileArchiveContract):
    pass


class TestAuditTrail(AuditTrailContract):
    pass


class TestPasswordHasher(PasswordHasherContract):
    @pytest.fixture
    def hasher(self) -> PasswordHasher:
        return PlainHasher()


class TestTokenIssuer(TokenIssuerContract):
    @pytest.fixture
    def tokens(self) -> TokenIssuer:
        return CountingTokens()


class TestMailer(MailerContract):
    @pytest.fixture
    def mailer(self) -> Mailer:
        return InMemoryMailer()


class TestClock(ClockContract):
    @pytest.fixture
    def clock(self) -> Clock:
        return FixedClock()


class TestPublisher(EventPublisherContract):
    @pytest.fixture
    def heard(self) -> Heard:
        publisher = RecordingPublisher()

        async def commit(events: Sequence[DomainEvent]) -> None:
            """Nothing is kept in memory."""

        async def names() -> list[str]:
            return [event.name for event in publisher.published]

        return Heard(publisher, commit, names)


class TestReader(StatementReaderContract):
    @pytest.fixture
    def reader(self) -> StatementReader:
        return PlainReader()

    @pytest.fixture
    def content(self) -> bytes:
        return b"PLAIN 10.00 7.50\n2026-03-01 -2.50 F1 Coffee house\n"
