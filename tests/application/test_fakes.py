"""The fakes fulfil the same contracts as the real adapters."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from domain.identity.ports import Mailer, PasswordHasher, TokenIssuer
from domain.ledger.changes import Change, ChangedResource, ChangeKind, FeedCursor
from domain.ledger.ports import StatementReader
from domain.shared.events import DomainEvent
from domain.shared.ids import AccountId, UserId, new_id
from domain.shared.ports import Clock
from tests.application.conftest import Application
from tests.contracts.audit import AuditTrailContract
from tests.contracts.by_hand import EntriesByHandContract
from tests.contracts.categories import CategoryRepositoryContract
from tests.contracts.changes import ChangeFeedContract, FeedSample
from tests.contracts.clock import ClockContract
from tests.contracts.conflicts import ConflictRepositoryContract
from tests.contracts.connections import (
    ConnectionRepositoryContract,
    ConsentContract,
    CredentialVaultContract,
    LinkContract,
    PendingStepsContract,
)
from tests.contracts.csv_profiles import CsvProfileRepositoryContract
from tests.contracts.daily_balances import DailyBalanceRepositoryContract
from tests.contracts.deletions import DeletedTransactionsContract
from tests.contracts.events import EventPublisherContract, Received
from tests.contracts.exchange_rates import ExchangeRateRepositoryContract
from tests.contracts.files import FileArchiveContract
from tests.contracts.freshness import FreshnessRepositoryContract
from tests.contracts.history import Past, TransactionHistoryContract
from tests.contracts.holdings import HoldingRepositoryContract, LookingBackContract
from tests.contracts.identity import (
    MailedTokenRepositoryContract,
    MailerContract,
    PasswordHasherContract,
    SessionRepositoryContract,
    TokenIssuerContract,
    UserRepositoryContract,
)
from tests.contracts.imports_of_file import ImportsOfFileContract
from tests.contracts.ledger import (
    AccountRepositoryContract,
    BalanceRepositoryContract,
    ImportRepositoryContract,
    TransactionRepositoryContract,
)
from tests.contracts.limits import Later, LoginAttemptLimiterContract, RateLimiterContract
from tests.contracts.listing import ListingContract
from tests.contracts.matches import MatchRepositoryContract
from tests.contracts.merges import MergeRepositoryContract
from tests.contracts.net_worth import NetWorthRepositoryContract
from tests.contracts.previews import PreviewRepositoryContract
from tests.contracts.reconciliations import ReconciliationRepositoryContract
from tests.contracts.rows import RowsContract
from tests.contracts.rules import RuleApplicationRepositoryContract, RuleRepositoryContract
from tests.contracts.second_factors import SecondFactorRepositoryContract
from tests.contracts.sessions import (
    ApiTokenRepositoryContract,
    ChargeContract,
    RefreshTokenRepositoryContract,
    SessionsOfUserContract,
)
from tests.contracts.sharing import ConnectedAppRepositoryContract, SharedTransactionsContract
from tests.contracts.statement_reader import StatementReaderContract
from tests.contracts.statements import StatementRepositoryContract
from tests.contracts.sync_schedule import SyncScheduleContract
from tests.contracts.transfers import TransferRepositoryContract
from tests.contracts.undo import UndoContract
from tests.contracts.world import World
from tests.factories import NOON
from tests.fakes import (
    FixedClock,
    RecordingPublisher,
)
from tests.identity_fakes import (
    CountingTokens,
    InMemoryMailer,
    PlainHasher,
)
from tests.limit_fakes import InMemoryLoginAttemptLimiter, InMemoryRateLimiter
from tests.plain_reader import PlainReader


class TestMailedTokens(MailedTokenRepositoryContract):
    pass


class TestCategories(CategoryRepositoryContract):
    pass


class TestRules(RuleRepositoryContract):
    pass


class TestRuleApplications(RuleApplicationRepositoryContract):
    pass


class TestCsvProfiles(CsvProfileRepositoryContract):
    pass


class TestUsers(UserRepositoryContract):
    pass


class TestSessions(SessionRepositoryContract, SessionsOfUserContract, ChargeContract):
    pass


class TestRefreshTokens(RefreshTokenRepositoryContract):
    pass


class TestApiTokens(ApiTokenRepositoryContract):
    pass


class TestConnectedApps(ConnectedAppRepositoryContract):
    pass


class TestSharedTransactions(SharedTransactionsContract):
    pass


class TestSecondFactors(SecondFactorRepositoryContract):
    pass


class TestConnections(ConnectionRepositoryContract, LinkContract, ConsentContract):
    pass


class TestVault(CredentialVaultContract):
    pass


class TestPendingSteps(PendingStepsContract):
    pass


class TestSyncSchedule(SyncScheduleContract):
    pass


class TestAccounts(AccountRepositoryContract):
    pass


class TestFreshness(FreshnessRepositoryContract):
    pass


class TestTransactions(TransactionRepositoryContract):
    pass


class TestListing(ListingContract):
    pass


class TestUndoing(UndoContract):
    pass


class TestEntriesByHand(EntriesByHandContract):
    pass


class TestConflicts(ConflictRepositoryContract):
    pass


class TestDeletedTransactions(DeletedTransactionsContract):
    pass


class TestImportsOfFile(ImportsOfFileContract):
    pass


class TestRows(RowsContract):
    pass


class TestTransfers(TransferRepositoryContract):
    pass


class TestMatches(MatchRepositoryContract):
    pass


class TestBalances(BalanceRepositoryContract):
    pass


class TestHoldings(HoldingRepositoryContract):
    pass


class TestLookingBack(LookingBackContract):
    pass


class TestNetWorth(NetWorthRepositoryContract):
    pass


class TestExchangeRates(ExchangeRateRepositoryContract):
    pass


class TestMerges(MergeRepositoryContract):
    pass


class TestDailyBalances(DailyBalanceRepositoryContract):
    pass


class TestImports(ImportRepositoryContract):
    pass


class TestStatements(StatementRepositoryContract):
    pass


class TestReconciliations(ReconciliationRepositoryContract):
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
    def heard(self) -> Received:
        publisher = RecordingPublisher()

        async def commit(events: Sequence[DomainEvent]) -> None:
            """Nothing is stored in memory."""

        async def names() -> list[str]:
            return [event.name for event in publisher.published]

        return Received(publisher, commit, names)


class TestReader(StatementReaderContract):
    @pytest.fixture
    def reader(self) -> StatementReader:
        return PlainReader()

    @pytest.fixture
    def content(self) -> bytes:
        return b"PLAIN 10.00 7.50\n2026-03-01 -2.50 F1 Coffee house\n"


class TestHistory(TransactionHistoryContract):
    @pytest.fixture
    def past(self, app: Application) -> Past:
        async def moment() -> datetime:
            return app.history.moment()

        return Past(app.history, moment)


class TestChangeFeed(ChangeFeedContract):
    @pytest.fixture
    def sample(self, app: Application) -> FeedSample:
        owner = UserId(new_id())
        whole = [_removed(position, number) for position in (1, 2, 3) for number in (1, 2)]
        app.changes.horizon = 4
        app.changes.announce(owner, *reversed(whole), _removed(4, 1))
        return FeedSample(app.changes, owner, whole, app.changes.history)


def _removed(position: int, number: int) -> Change:
    return Change(
        cursor=replace(
            FeedCursor.beginning(UUID(int=7)),
            position=position,
            resource=ChangedResource.TRANSACTION,
            id=UUID(int=number),
            version=position,
        ),
        kind=ChangeKind.REMOVED,
        account_id=AccountId(UUID(int=9)),
        recorded_at=NOON,
        content=None,
    )


@pytest.fixture
def later(world: World) -> Later:
    """Both clocks of the limiters, moved on."""

    async def pass_by(seconds: float) -> None:
        for limiter in (world.rate_limiter, world.attempts):
            assert isinstance(limiter, InMemoryRateLimiter | InMemoryLoginAttemptLimiter)
            limiter.at += timedelta(seconds=seconds)

    return pass_by


class TestRateLimiter(RateLimiterContract):
    pass


class TestLoginAttempts(LoginAttemptLimiterContract):
    @pytest.fixture
    def impatient(self) -> InMemoryLoginAttemptLimiter:
        return InMemoryLoginAttemptLimiter(patience=0.1)


class TestPreviews(PreviewRepositoryContract):
    pass
