"""The fakes keep the same contracts as the real adapters: a fake cannot lie."""

import pytest

from domain.identity.ports import Mailer, PasswordHasher, TokenIssuer
from domain.shared.ports import Clock
from tests.contracts.audit import AuditTrailContract
from tests.contracts.clock import ClockContract
from tests.contracts.connections import ConnectionRepositoryContract
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
    ImportRepositoryContract,
    TransactionRepositoryContract,
)
from tests.fakes import (
    CountingTokens,
    FixedClock,
    InMemoryMailer,
    PlainHasher,
    RecordingPublisher,
)


class TestUsers(UserRepositoryContract):
    pass


class TestSessions(SessionRepositoryContract):
    pass


class TestConnections(ConnectionRepositoryContract):
    pass


class TestAccounts(AccountRepositoryContract):
    pass


class TestTransactions(TransactionRepositoryContract):
    pass


class TestBalances(BalanceRepositoryContract):
    pass


class TestImports(ImportRepositoryContract):
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
        return Heard(publisher, lambda: [event.name for event in publisher.published])
