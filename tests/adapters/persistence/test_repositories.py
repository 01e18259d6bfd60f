"""The repositories on PostgreSQL fulfil their contracts."""

import pytest

from tests.contracts.audit import AuditTrailContract
from tests.contracts.by_hand import EntriesByHandContract
from tests.contracts.categories import CategoryRepositoryContract
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
from tests.contracts.exchange_rates import ExchangeRateRepositoryContract
from tests.contracts.files import FileArchiveContract
from tests.contracts.freshness import FreshnessRepositoryContract
from tests.contracts.holdings import HoldingRepositoryContract, LookingBackContract
from tests.contracts.identity import (
    MailedTokenRepositoryContract,
    SessionRepositoryContract,
    UserRepositoryContract,
)
from tests.contracts.imports_of_file import ImportsOfFileContract
from tests.contracts.ledger import (
    AccountRepositoryContract,
    BalanceRepositoryContract,
    ImportRepositoryContract,
    TransactionRepositoryContract,
)
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
from tests.contracts.statements import StatementRepositoryContract
from tests.contracts.sync_schedule import SyncScheduleContract
from tests.contracts.transfers import TransferRepositoryContract
from tests.contracts.undo import UndoContract
from tests.contracts.world import World


class OnPostgres:
    """With the rights of the application, and under the policies."""

    @pytest.fixture
    def world(self, owners_world: World) -> World:
        return owners_world


class BehindPolicies:
    """Without rights and policies: queries that no user of the application can make."""

    @pytest.fixture
    def world(self, django_world: World) -> World:
        return django_world


class TestUsers(OnPostgres, UserRepositoryContract):
    pass


class TestSessions(OnPostgres, SessionRepositoryContract, SessionsOfUserContract, ChargeContract):
    pass


class TestRefreshTokens(OnPostgres, RefreshTokenRepositoryContract):
    pass


class TestApiTokens(OnPostgres, ApiTokenRepositoryContract):
    pass


class TestConnectedApps(OnPostgres, ConnectedAppRepositoryContract):
    pass


class TestSharedTransactions(OnPostgres, SharedTransactionsContract):
    pass


class TestSecondFactors(OnPostgres, SecondFactorRepositoryContract):
    pass


class TestMailedTokens(OnPostgres, MailedTokenRepositoryContract):
    pass


class TestConnections(OnPostgres, ConnectionRepositoryContract, LinkContract, ConsentContract):
    pass


class TestVault(OnPostgres, CredentialVaultContract):
    pass


class TestPendingSteps(OnPostgres, PendingStepsContract):
    pass


class TestSyncSchedule(OnPostgres, SyncScheduleContract):
    pass


class TestAccounts(OnPostgres, AccountRepositoryContract):
    pass


class TestFreshness(OnPostgres, FreshnessRepositoryContract):
    pass


class TestTransactions(OnPostgres, TransactionRepositoryContract):
    pass


class TestListing(OnPostgres, ListingContract):
    pass


class TestWaysBack(OnPostgres, UndoContract):
    pass


class TestEntriesByHand(OnPostgres, EntriesByHandContract):
    pass


class TestConflicts(OnPostgres, ConflictRepositoryContract):
    pass


class TestDeletedTransactions(OnPostgres, DeletedTransactionsContract):
    pass


class TestImportsOfFile(OnPostgres, ImportsOfFileContract):
    pass


class TestRows(OnPostgres, RowsContract):
    pass


class TestTransfers(OnPostgres, TransferRepositoryContract):
    pass


class TestMatches(OnPostgres, MatchRepositoryContract):
    pass


class TestBalances(OnPostgres, BalanceRepositoryContract):
    pass


class TestHoldings(OnPostgres, HoldingRepositoryContract):
    pass


class TestLookingBack(OnPostgres, LookingBackContract):
    pass


class TestNetWorth(OnPostgres, NetWorthRepositoryContract):
    pass


class TestExchangeRates(OnPostgres, ExchangeRateRepositoryContract):
    pass


class TestMerges(OnPostgres, MergeRepositoryContract):
    pass


class TestDailyBalances(OnPostgres, DailyBalanceRepositoryContract):
    pass


class TestImports(OnPostgres, ImportRepositoryContract):
    pass


class TestStatements(OnPostgres, StatementRepositoryContract):
    pass


class TestReconciliations(OnPostgres, ReconciliationRepositoryContract):
    pass


class TestFiles(OnPostgres, FileArchiveContract):
    pass


class TestCategories(OnPostgres, CategoryRepositoryContract):
    pass


class TestRules(OnPostgres, RuleRepositoryContract):
    pass


class TestRuleApplications(OnPostgres, RuleApplicationRepositoryContract):
    pass


class TestCsvProfiles(OnPostgres, CsvProfileRepositoryContract):
    pass


class TestAuditTrail(BehindPolicies, AuditTrailContract):
    pass


class TestPreviews(OnPostgres, PreviewRepositoryContract):
    pass
