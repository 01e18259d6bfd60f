"""Use cases with ports in memory."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from adapters.exports.csv_file import CsvWriter
from adapters.security.devices import SignedDeviceTokens
from adapters.security.one_time_codes import TimeBasedCodes
from adapters.statements.camt import CamtReader
from adapters.statements.csv import CsvReader, sample
from adapters.statements.ofx import OfxReader
from adapters.statements.packed import unpack
from dashtam.application.identity.authenticate import Authenticate
from dashtam.application.identity.end_sessions import EndSessions
from dashtam.application.identity.issue_api_token import IssueApiToken
from dashtam.application.identity.list_api_tokens import ListApiTokens
from dashtam.application.identity.list_sessions import ListSessions
from dashtam.application.identity.log_in import LogIn
from dashtam.application.identity.log_out import LogOut
from dashtam.application.identity.prove import Prover
from dashtam.application.identity.queries import ShowProfile
from dashtam.application.identity.refresh_session import RefreshSession
from dashtam.application.identity.register_user import RegisterUser
from dashtam.application.identity.revoke_api_token import RevokeApiToken
from dashtam.application.identity.show_session import ShowSession
from dashtam.application.ledger.account_directory import AccountDirectory
from dashtam.application.ledger.bring_statement import BringStatement
from dashtam.application.ledger.change_csv_profile import ChangeCsvProfile
from dashtam.application.ledger.changes import ListChanges
from dashtam.application.ledger.decide_transfer import DecideTransfer
from dashtam.application.ledger.delete_csv_profile import DeleteCsvProfile
from dashtam.application.ledger.delete_transaction import DeleteTransaction
from dashtam.application.ledger.detect_csv_profile import DetectCsvProfile
from dashtam.application.ledger.edit_transaction import EditTransaction
from dashtam.application.ledger.enter_statement import EnterStatement
from dashtam.application.ledger.export_ledger import ExportLedger
from dashtam.application.ledger.holding_queries import ListHoldings, ShowNetWorth
from dashtam.application.ledger.import_queries import ListImportRows, ListImports, ShowImport
from dashtam.application.ledger.import_statement import ImportStatement
from dashtam.application.ledger.keep_file import KeepFile
from dashtam.application.ledger.list_accounts import ListAccounts
from dashtam.application.ledger.list_balances import ListBalances
from dashtam.application.ledger.list_csv_profiles import ListCsvProfiles
from dashtam.application.ledger.list_transactions import ListTransactions
from dashtam.application.ledger.list_transfers import ListTransfers
from dashtam.application.ledger.profile_hints import ProfileHints
from dashtam.application.ledger.read_statement import ReadStatement
from dashtam.application.ledger.reading_turns import ReadingTurns
from dashtam.application.ledger.receive_statement import BringReceived, ReceiveStatement
from dashtam.application.ledger.reimport_statement import ReimportStatement
from dashtam.application.ledger.repeat_import import RepeatImport
from dashtam.application.ledger.save_csv_profile import SaveCsvProfile
from dashtam.application.ledger.show_account import ShowAccount
from dashtam.application.ledger.show_csv_profile import ShowCsvProfile
from dashtam.application.ledger.show_transaction import ShowTransaction
from dashtam.application.ledger.show_transfer import ShowTransfer
from dashtam.application.ledger.statement_queries import ListStatements, ShowContinuity
from dashtam.application.ledger.take_statement import TakeStatement
from dashtam.application.ledger.undo_import import UndoImport
from dashtam.application.ledger.withdraw_transfer import WithdrawTransfer
from dashtam.application.turns import Turns
from dashtam.container import Basics
from domain.ledger.quotas import Quota
from domain.shared.ports import UnitOfWork
from tests.application.leaving import Leaving
from tests.application.letter_use_cases import LetterUseCases
from tests.application.previews import Previews
from tests.application.worlds import world_over
from tests.contracts.world import World
from tests.export_fakes import PlainWriter
from tests.fakes import FixedClock, InMemoryUnitOfWork, RecordingPublisher, Store
from tests.feed_fakes import InMemoryChangeFeed, InMemoryTransactionHistory
from tests.identity_fakes import CountingTokens, InMemoryMailer, PlainHasher, ShortList
from tests.plain_reader import PlainReader

MOST_ACCOUNTS = 5


@dataclass
class Application(LetterUseCases, Leaving, Previews):
    """The use cases over one store."""

    store: Store
    world: World
    clock: FixedClock = field(default_factory=FixedClock)
    quota: Quota = field(default_factory=lambda: Quota(stored=1_000_000, waiting=3))
    publisher: RecordingPublisher = field(default_factory=RecordingPublisher)
    hasher: PlainHasher = field(default_factory=PlainHasher)
    mailer: InMemoryMailer = field(default_factory=InMemoryMailer)
    turns: Turns = field(default_factory=lambda: Turns(4))

    def __post_init__(self) -> None:
        world, basics = self.world, self.basics
        self.history = InMemoryTransactionHistory(self.store)
        self.changes = InMemoryChangeFeed()
        self._prove_and_enter()
        self.write_letters()
        self.show_profile = ShowProfile(users=world.users, **basics)
        self._leave()
        self._read_ledger()
        self._write_ledger()
        self._pair_transactions()
        self._keep_profiles()

    def _prove_and_enter(self) -> None:
        world, basics, tokens = self.world, self.basics, CountingTokens()
        self.register_user = RegisterUser(
            users=world.users, hasher=self.hasher, judge=ShortList(), turns=self.turns, **basics
        )
        self.prover = Prover(
            users=world.users,
            hasher=self.hasher,
            second_factors=world.second_factors,
            codes=TimeBasedCodes(),
            guesses=world.guess_limiter,
            clock=self.clock,
            unit_of_work=self.unit_of_work,
        )
        sessions: Any = {
            "sessions": world.sessions,
            "refresh_tokens": world.refresh_tokens,
            "tokens": tokens,
            "devices": SignedDeviceTokens("a key"),
        }
        self.log_in = LogIn(
            users=world.users, prover=self.prover, turns=self.turns, **sessions, **basics
        )
        self.refresh_session = RefreshSession(users=world.users, **sessions, **basics)
        self.authenticate = Authenticate(
            sessions=world.sessions,
            api_tokens=world.api_tokens,
            rate_limiter=world.rate_limiter,
            **basics,
        )
        self.log_out = LogOut(sessions=world.sessions, **basics)

        self._oversee(tokens)

    def _oversee(self, tokens: CountingTokens) -> None:
        """What else acts for a user: programs, and sessions elsewhere."""
        world, basics = self.world, self.basics
        self.issue_api_token = IssueApiToken(
            users=world.users, api_tokens=world.api_tokens, tokens=tokens, **basics
        )
        self.list_api_tokens = ListApiTokens(api_tokens=world.api_tokens, **basics)
        self.revoke_api_token = RevokeApiToken(api_tokens=world.api_tokens, **basics)
        self.list_sessions = ListSessions(sessions=world.sessions, **basics)
        self.show_session = ShowSession(sessions=world.sessions, **basics)
        self.end_sessions = EndSessions(sessions=world.sessions, **basics)

    def _read_ledger(self) -> None:
        world, basics = self.world, self.basics
        accounts, balances = world.accounts, world.balances
        self.list_accounts = ListAccounts(accounts=accounts, balances=balances, **basics)
        self.show_account = ShowAccount(accounts=accounts, balances=balances, **basics)
        self.list_balances = ListBalances(accounts=accounts, balances=balances, **basics)
        transactions, history = world.transactions, self.history
        self.list_transactions = ListTransactions(
            accounts=world.accounts, transactions=transactions, history=history, **basics
        )
        self.list_statements = ListStatements(
            accounts=world.accounts, statements=world.statements, **basics
        )
        self.show_continuity = ShowContinuity(
            accounts=world.accounts, statements=world.statements, **basics
        )
        self.show_transaction = ShowTransaction(
            transactions=transactions, history=history, **basics
        )
        self.list_changes = ListChanges(changes=self.changes, **basics)
        self.list_holdings = ListHoldings(accounts=accounts, holdings=world.holdings, **basics)
        self.show_net_worth = ShowNetWorth(net_worth=world.net_worth, **basics)
        self.list_imports = ListImports(
            imports=world.imports, quota_meter=world.quota_meter, quota=self.quota, **basics
        )
        self.export_ledger = ExportLedger(
            ledgers=world.ledgers, writers=[PlainWriter(), CsvWriter()], **basics
        )
        self.show_import = ShowImport(imports=world.imports, **basics)
        self.list_import_rows = ListImportRows(imports=world.imports, **basics)

    def _write_ledger(self) -> None:
        world, basics = self.world, self.basics
        self._bring_statements()
        self.undo_import = UndoImport(
            accounts=world.accounts,
            files=world.files,
            imports=world.imports,
            transactions=world.transactions,
            **basics,
        )
        self.edit_transaction = EditTransaction(transactions=world.transactions, **basics)
        self.delete_transaction = DeleteTransaction(transactions=world.transactions, **basics)

    def _bring_statements(self) -> None:
        world, basics = self.world, self.basics
        imports, files = world.imports, world.files
        kept, unit_of_work = world.csv_profiles, self.unit_of_work
        profile_hints = ProfileHints(csv_profiles=kept, unit_of_work=unit_of_work)
        bring_statement = BringStatement(
            read_statement=ReadStatement(
                readers=[CamtReader(), OfxReader(), PlainReader(), CsvReader()],
                unpack=unpack,
                max_bytes=100_000,
            ),
            reading_turns=ReadingTurns(2),
            profile_hints=profile_hints,
            directory=AccountDirectory(
                connections=world.connections,
                accounts=world.accounts,
                clock=self.clock,
                most_accounts=MOST_ACCOUNTS,
            ),
            accounts=world.accounts,
            enter_statement=self._enter_statement(),
            imports=imports,
            repeat_import=self._repeat_import(),
            clock=self.clock,
            unit_of_work=self.unit_of_work,
        )
        keep_file = KeepFile(
            imports=imports, files=files, quota_meter=world.quota_meter, quota=self.quota
        )
        self.import_statement = ImportStatement(
            bring_statement=bring_statement, imports=imports, keep_file=keep_file, **basics
        )
        self.receive_statement = ReceiveStatement(
            accounts=world.accounts,
            profile_hints=profile_hints,
            keep_file=keep_file,
            **basics,
        )
        self.bring_received = BringReceived(
            bring_statement=bring_statement,
            imports=imports,
            files=files,
            board=world.board,
            **basics,
        )
        self._preview(profile_hints)
        self._take_statements()

    def _take_statements(self) -> None:
        self.take_statement = TakeStatement(
            import_statement=self.import_statement,
            receive_statement=self.receive_statement,
            most_bytes=10_000,
        )
        self.reimport_statement = ReimportStatement(
            imports=self.world.imports,
            files=self.world.files,
            take_statement=self.take_statement,
            **self.basics,
        )

    def _enter_statement(self) -> EnterStatement:
        world = self.world
        return EnterStatement(
            transactions=world.transactions, balances=world.balances, holdings=world.holdings
        )

    def _repeat_import(self) -> RepeatImport:
        world = self.world
        return RepeatImport(
            imports=world.imports,
            repetitions=world.repetitions,
            accounts=world.accounts,
            clock=self.clock,
            unit_of_work=self.unit_of_work,
            edition="first",
        )

    def _pair_transactions(self) -> None:
        transfers, basics = self.world.transfers, self.basics
        self.list_transfers = ListTransfers(transfers=transfers, **basics)
        self.show_transfer = ShowTransfer(transfers=transfers, **basics)
        self.decide_transfer = DecideTransfer(transfers=transfers, **basics)
        self.withdraw_transfer = WithdrawTransfer(transfers=transfers, **basics)

    def _keep_profiles(self) -> None:
        kept, basics = self.world.csv_profiles, self.basics
        self.list_csv_profiles = ListCsvProfiles(csv_profiles=kept, **basics)
        self.show_csv_profile = ShowCsvProfile(csv_profiles=kept, **basics)
        self.save_csv_profile = SaveCsvProfile(csv_profiles=kept, **basics)
        self.change_csv_profile = ChangeCsvProfile(csv_profiles=kept, **basics)
        self.delete_csv_profile = DeleteCsvProfile(csv_profiles=kept, **basics)
        self.detect_csv_profile = DetectCsvProfile(
            read_statement=self.import_statement.bring_statement.read_statement,
            reading_turns=self.import_statement.bring_statement.reading_turns,
            sampler=sample,
            **basics,
        )

    def unit_of_work(self, *, owner: UUID | None = None, snapshot: bool = False) -> UnitOfWork:
        return InMemoryUnitOfWork(self.store, self.publisher)

    @property
    def basics(self) -> Basics:
        return Basics(
            clock=self.clock,
            unit_of_work=self.unit_of_work,
            audit_trail=self.world.audit_trail,
        )

    @property
    def trail(self) -> list[tuple[str, str]]:
        """What was done, and how it ended."""
        return [(entry.action, entry.result) for entry in self.store.entries]

    @property
    def announced(self) -> list[str]:
        return [event.name for event in self.publisher.published]


def in_memory() -> Application:
    """Return the use cases over an empty store."""
    store = Store()
    return Application(store, world_over(store))


@pytest.fixture
def app() -> Application:
    return in_memory()


@pytest.fixture
def store(app: Application) -> Store:
    return app.store


@pytest.fixture
def world(app: Application) -> World:
    return app.world
