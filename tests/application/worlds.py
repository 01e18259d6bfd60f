"""All ports, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from adapters.exports.csv_file import CsvWriter
from adapters.exports.simplefin import SimpleFinWriter
from adapters.rates.ecb import read_rates
from adapters.security.devices import SignedDeviceTokens
from adapters.security.enrolments import SealedEnrolments
from adapters.security.envelope import Keyring
from adapters.statements.by_hand import ByHandReader
from adapters.statements.camt import CamtReader
from adapters.statements.csv.reader import CsvReader, sample
from adapters.statements.ofx import OfxReader
from adapters.statements.packed import unpack
from dashtam.application.concurrency_limit import ConcurrencyLimit
from dashtam.application.ledger.reading_queue import ReadingQueue
from dashtam.container.ports import (
    ConnectionPorts,
    FilePorts,
    LedgerPorts,
    PeoplePorts,
    SharingPorts,
)
from domain.ledger.ports import StatementReader
from domain.ledger.quotas import Quota
from tests import (
    connection_fakes,
    export_fakes,
    fakes,
    feed_fakes,
    identity_fakes,
    import_fakes,
    ledger_fakes,
)
from tests.balance_fakes import InMemoryDailyBalances
from tests.by_hand_fakes import InMemoryEntriesByHand
from tests.category_fakes import InMemoryCategoryRepository
from tests.conflict_fakes import InMemoryConflictRepository
from tests.contracts.world import World
from tests.csv_profile_fakes import InMemoryCsvProfileRepository
from tests.deletion_fakes import InMemoryDeletedTransactions
from tests.fakes import FixedClock, RecordingPublisher, Store
from tests.holding_fakes import InMemoryHoldingRepository, InMemoryNetWorthRepository
from tests.limit_fakes import InMemoryLoginAttemptLimiter, InMemoryRateLimiter
from tests.match_fakes import InMemoryMatchRepository
from tests.merge_fakes import InMemoryMergeRepository
from tests.personal_data_fakes import InMemoryPersonalData, PlainPersonalDataWriter
from tests.plain_reader import PlainReader
from tests.preview_fakes import InMemoryPreviewRepository
from tests.rate_fakes import InMemoryExchangeRates
from tests.reconciliation_fakes import InMemoryReconciliationRepository
from tests.rule_fakes import InMemoryRuleApplicationRepository, InMemoryRuleRepository
from tests.sharing_fakes import InMemoryConnectedAppRepository, InMemorySharedTransactions
from tests.staff_fakes import CODES, InMemoryStaffFactors, InMemoryStaffRepository
from tests.statement_fakes import InMemoryStatementRepository
from tests.transfer_fakes import InMemoryTransferRepository

MOST_ACCOUNTS = 5
READERS: Sequence[StatementReader] = [
    *(CamtReader(), OfxReader(), PlainReader()),
    *(ByHandReader(), CsvReader()),
]
KEYS = Keyring({"test": b"k" * 32})


@dataclass
class Fakes:
    """Fakes of the outside world, which tests can read and change."""

    store: Store = field(default_factory=Store)
    clock: FixedClock = field(default_factory=FixedClock)
    publisher: RecordingPublisher = field(default_factory=RecordingPublisher)

    def __post_init__(self) -> None:
        self.hasher = identity_fakes.PlainHasher()
        self.mailer = identity_fakes.InMemoryMailer()
        self.attempts = InMemoryLoginAttemptLimiter()
        self.rate_limiter = InMemoryRateLimiter()
        self.personal_data = InMemoryPersonalData(self.store, self.clock)
        self.history = feed_fakes.InMemoryTransactionHistory(self.store)
        self.daily_balances = InMemoryDailyBalances(self.store, self.history)
        self.changes = feed_fakes.InMemoryChangeFeed()
        self.staff_factors = InMemoryStaffFactors(self.store)
        self.world = World(
            clock=self.clock,
            unit_of_work=lambda **_: fakes.InMemoryUnitOfWork(self.store, self.publisher),
            audit_trail=fakes.InMemoryAuditTrail(self.store),
            outbox=fakes.EmptyOutbox(),
            rate_limiter=self.rate_limiter,
            attempts=self.attempts,
            **vars(self._people()),
            **vars(self._connections()),
            **vars(self._ledger()),
            **vars(self._sharing()),
            **vars(self._files()),
        )

    def _people(self) -> PeoplePorts:
        store = self.store
        return PeoplePorts(
            users=identity_fakes.InMemoryUserRepository(store),
            sessions=identity_fakes.InMemorySessionRepository(store, self.rate_limiter),
            refresh_tokens=identity_fakes.InMemoryRefreshTokenRepository(store),
            mailed_tokens=identity_fakes.InMemoryMailedTokenRepository(store),
            second_factors=identity_fakes.InMemorySecondFactorRepository(store),
            api_tokens=identity_fakes.InMemoryApiTokenRepository(store, self.rate_limiter),
            hasher=self.hasher,
            password_policy=identity_fakes.ShortList(),
            password_limit=ConcurrencyLimit(4),
            one_time_codes=CODES,
            tokens=identity_fakes.CountingTokens(),
            devices=SignedDeviceTokens("a key"),
            mailer=self.mailer,
            personal_data=self.personal_data,
            personal_data_writer=PlainPersonalDataWriter(),
            staff=InMemoryStaffRepository(store),
            staff_factors=self.staff_factors,
            enrolment_seals=SealedEnrolments(lambda: KEYS),
        )

    def _connections(self) -> ConnectionPorts:
        store = self.store
        return ConnectionPorts(
            connections=connection_fakes.InMemoryConnectionRepository(store),
            vault=connection_fakes.InMemoryCredentialVault(store),
            pending_steps=connection_fakes.InMemoryPendingSteps(store),
            sync_schedule=connection_fakes.InMemorySyncSchedule(store, self.clock),
            providers=[],
            redirect_uri="https://dashtam.example/connections/callback",
            key_rotation=connection_fakes.InMemoryKeyRotation(),
        )

    def _ledger(self) -> LedgerPorts:
        store = self.store
        return LedgerPorts(
            accounts=ledger_fakes.InMemoryAccountRepository(store),
            accounts_per_user=MOST_ACCOUNTS,
            freshness=ledger_fakes.InMemoryFreshnessRepository(store),
            transactions=ledger_fakes.InMemoryTransactionRepository(store),
            history=self.history,
            deleted_transactions=InMemoryDeletedTransactions(store),
            entries_by_hand=InMemoryEntriesByHand(store),
            conflicts=InMemoryConflictRepository(store),
            changes=self.changes,
            categories=InMemoryCategoryRepository(store),
            rules=InMemoryRuleRepository(store),
            rule_applications=InMemoryRuleApplicationRepository(store),
            transfers=InMemoryTransferRepository(store),
            matches=InMemoryMatchRepository(store),
            balances=ledger_fakes.InMemoryBalanceRepository(store),
            holdings=InMemoryHoldingRepository(store),
            net_worth=InMemoryNetWorthRepository(store, self.daily_balances),
            daily_balances=self.daily_balances,
            merges=InMemoryMergeRepository(store),
            exchange_rates=InMemoryExchangeRates(store),
            rate_reader=read_rates,
            statements=InMemoryStatementRepository(store),
            reconciliations=InMemoryReconciliationRepository(store),
            ledgers=export_fakes.InMemoryLedgerSource(store, self.daily_balances),
            ledger_writers=[export_fakes.PlainWriter(), CsvWriter()],
        )

    def _sharing(self) -> SharingPorts:
        return SharingPorts(
            connected_apps=InMemoryConnectedAppRepository(self.store, self.rate_limiter),
            shared_transactions=InMemorySharedTransactions(self.store),
            shared_ledger_writer=SimpleFinWriter(),
        )

    def _files(self) -> FilePorts:
        store = self.store
        return FilePorts(
            imports=import_fakes.InMemoryImportRepository(store),
            files=import_fakes.InMemoryFileArchive(store),
            previews=InMemoryPreviewRepository(store),
            import_progress=ledger_fakes.InMemoryImportProgressStore(store),
            csv_profiles=InMemoryCsvProfileRepository(store),
            csv_sampler=sample,
            statement_readers=READERS,
            reader_version="first",
            reading_queue=ReadingQueue(2),
            unpack=unpack,
            quota_meter=import_fakes.InMemoryQuotaMeter(store),
            quota=Quota(stored=1_000_000, waiting=3),
            max_file_bytes=100_000,
            background_bytes=10_000,
        )
