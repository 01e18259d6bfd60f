"""Use cases about accounts and what happens on them."""

from dataclasses import replace
from functools import cached_property

from django.conf import settings

from adapters.reading.pool import READINGS_AT_ONCE
from adapters.statements.edition import edition
from dashtam.application.ledger.account_directory import AccountDirectory
from dashtam.application.ledger.bring_statement import BringStatement
from dashtam.application.ledger.changes import ListChanges
from dashtam.application.ledger.decide_transfer import DecideTransfer
from dashtam.application.ledger.delete_transaction import DeleteTransaction
from dashtam.application.ledger.edit_transaction import EditTransaction
from dashtam.application.ledger.enter_statement import EnterStatement
from dashtam.application.ledger.export_ledger import ExportLedger
from dashtam.application.ledger.holding_queries import ListHoldings, ShowNetWorth
from dashtam.application.ledger.import_queries import ListImportRows, ListImports, ShowImport
from dashtam.application.ledger.import_statement import ImportStatement
from dashtam.application.ledger.keep_file import KeepFile
from dashtam.application.ledger.list_accounts import ListAccounts
from dashtam.application.ledger.list_balances import ListBalances
from dashtam.application.ledger.list_transactions import ListTransactions
from dashtam.application.ledger.list_transfers import ListTransfers
from dashtam.application.ledger.profile_hints import ProfileHints
from dashtam.application.ledger.read_statement import ReadStatement
from dashtam.application.ledger.reading_turns import ReadingTurns
from dashtam.application.ledger.receive_statement import BringReceived, ReceiveStatement
from dashtam.application.ledger.reimport_statement import ReimportStatement
from dashtam.application.ledger.repeat_import import RepeatImport
from dashtam.application.ledger.show_account import ShowAccount
from dashtam.application.ledger.show_transaction import ShowTransaction
from dashtam.application.ledger.show_transfer import ShowTransfer
from dashtam.application.ledger.statement_queries import ListStatements, ShowContinuity
from dashtam.application.ledger.take_statement import TakeStatement
from dashtam.application.ledger.undo_import import UndoImport
from dashtam.application.ledger.withdraw_transfer import WithdrawTransfer
from dashtam.container.adapters import Adapters
from domain.ledger.quotas import Quota


class Ledger(Adapters):
    """Bringing statements in, taking them back, and reading what they say."""

    @cached_property
    def read_statement(self) -> ReadStatement:
        return ReadStatement(
            readers=self.statement_readers, unpack=self.unpack, max_bytes=settings.IMPORT_MAX_BYTES
        )

    @cached_property
    def reading_turns(self) -> ReadingTurns:
        return ReadingTurns(READINGS_AT_ONCE)

    @cached_property
    def profile_hints(self) -> ProfileHints:
        return ProfileHints(csv_profiles=self.csv_profiles, unit_of_work=self.unit_of_work)

    @cached_property
    def bring_statement(self) -> BringStatement:
        return BringStatement(
            read_statement=self.read_statement,
            reading_turns=self.reading_turns,
            profile_hints=self.profile_hints,
            directory=AccountDirectory(
                connections=self.connections,
                accounts=self.accounts,
                clock=self.clock,
                most_accounts=settings.ACCOUNTS_PER_USER,
            ),
            accounts=self.accounts,
            enter_statement=EnterStatement(
                transactions=self.transactions, balances=self.balances, holdings=self.holdings
            ),
            imports=self.imports,
            repeat_import=self.repeat_import,
            clock=self.clock,
            unit_of_work=self.unit_of_work,
        )

    @cached_property
    def bring_statement_later(self) -> BringStatement:
        """In the background a file waits for its turn, however long that takes."""
        return replace(self.bring_statement, reading_turns=self.reading_turns.patient)

    @cached_property
    def repeat_import(self) -> RepeatImport:
        return RepeatImport(
            imports=self.imports,
            repetitions=self.repetitions,
            accounts=self.accounts,
            clock=self.clock,
            unit_of_work=self.unit_of_work,
            edition=edition(),
        )

    @cached_property
    def quota(self) -> Quota:
        return Quota(stored=settings.STORAGE_PER_USER, waiting=settings.IMPORTS_WAITING_PER_USER)

    @cached_property
    def keep_file(self) -> KeepFile:
        return KeepFile(
            imports=self.imports, files=self.files, quota_meter=self.quota_meter, quota=self.quota
        )

    @cached_property
    def import_statement(self) -> ImportStatement:
        return ImportStatement(
            bring_statement=self.bring_statement,
            imports=self.imports,
            keep_file=self.keep_file,
            **self.basics,
        )

    @cached_property
    def receive_statement(self) -> ReceiveStatement:
        return ReceiveStatement(
            accounts=self.accounts,
            profile_hints=self.profile_hints,
            keep_file=self.keep_file,
            **self.basics,
        )

    @cached_property
    def bring_received(self) -> BringReceived:
        return BringReceived(
            bring_statement=self.bring_statement_later,
            imports=self.imports,
            files=self.files,
            board=self.board,
            **self.basics,
        )

    @cached_property
    def take_statement(self) -> TakeStatement:
        return TakeStatement(
            import_statement=self.import_statement,
            receive_statement=self.receive_statement,
            most_bytes=settings.IMPORT_BACKGROUND_BYTES,
        )

    @cached_property
    def reimport_statement(self) -> ReimportStatement:
        return ReimportStatement(
            imports=self.imports,
            files=self.files,
            take_statement=self.take_statement,
            **self.basics,
        )

    @cached_property
    def export_ledger(self) -> ExportLedger:
        return ExportLedger(
            ledgers=self.ledgers,
            writers=self.ledger_writers,
            **self.basics,
        )

    @cached_property
    def list_imports(self) -> ListImports:
        return ListImports(
            imports=self.imports,
            quota_meter=self.quota_meter,
            quota=self.quota,
            **self.basics,
        )

    @cached_property
    def show_import(self) -> ShowImport:
        return ShowImport(imports=self.imports, **self.basics)

    @cached_property
    def list_import_rows(self) -> ListImportRows:
        return ListImportRows(imports=self.imports, **self.basics)

    @cached_property
    def undo_import(self) -> UndoImport:
        return UndoImport(
            accounts=self.accounts,
            files=self.files,
            imports=self.imports,
            transactions=self.transactions,
            **self.basics,
        )

    @cached_property
    def edit_transaction(self) -> EditTransaction:
        return EditTransaction(transactions=self.transactions, **self.basics)

    @cached_property
    def delete_transaction(self) -> DeleteTransaction:
        return DeleteTransaction(transactions=self.transactions, **self.basics)

    @cached_property
    def list_accounts(self) -> ListAccounts:
        return ListAccounts(accounts=self.accounts, balances=self.balances, **self.basics)

    @cached_property
    def show_account(self) -> ShowAccount:
        return ShowAccount(accounts=self.accounts, balances=self.balances, **self.basics)

    @cached_property
    def list_balances(self) -> ListBalances:
        return ListBalances(accounts=self.accounts, balances=self.balances, **self.basics)

    @cached_property
    def list_statements(self) -> ListStatements:
        return ListStatements(accounts=self.accounts, statements=self.statements, **self.basics)

    @cached_property
    def show_continuity(self) -> ShowContinuity:
        return ShowContinuity(accounts=self.accounts, statements=self.statements, **self.basics)

    @cached_property
    def list_holdings(self) -> ListHoldings:
        return ListHoldings(accounts=self.accounts, holdings=self.holdings, **self.basics)

    @cached_property
    def show_net_worth(self) -> ShowNetWorth:
        return ShowNetWorth(net_worth=self.net_worth, **self.basics)

    @cached_property
    def list_transactions(self) -> ListTransactions:
        return ListTransactions(
            accounts=self.accounts,
            transactions=self.transactions,
            history=self.history,
            **self.basics,
        )

    @cached_property
    def show_transaction(self) -> ShowTransaction:
        return ShowTransaction(transactions=self.transactions, history=self.history, **self.basics)

    @cached_property
    def list_transfers(self) -> ListTransfers:
        return ListTransfers(transfers=self.transfers, **self.basics)

    @cached_property
    def show_transfer(self) -> ShowTransfer:
        return ShowTransfer(transfers=self.transfers, **self.basics)

    @cached_property
    def decide_transfer(self) -> DecideTransfer:
        return DecideTransfer(transfers=self.transfers, **self.basics)

    @cached_property
    def withdraw_transfer(self) -> WithdrawTransfer:
        return WithdrawTransfer(transfers=self.transfers, **self.basics)

    @cached_property
    def list_changes(self) -> ListChanges:
        return ListChanges(changes=self.changes, **self.basics)
