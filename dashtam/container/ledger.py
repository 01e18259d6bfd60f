"""Use cases about accounts and what happens on them."""

from functools import cached_property

from django.conf import settings

from adapters.statements.packed import unpack
from dashtam.application.ledger.account_directory import AccountDirectory
from dashtam.application.ledger.delete_transaction import DeleteTransaction
from dashtam.application.ledger.edit_transaction import EditTransaction
from dashtam.application.ledger.enter_statement import EnterStatement
from dashtam.application.ledger.import_queries import ListImports, ShowImport
from dashtam.application.ledger.import_statement import ImportStatement
from dashtam.application.ledger.profile_hints import ProfileHints
from dashtam.application.ledger.queries import (
    ListAccounts,
    ListBalances,
    ListTransactions,
    ShowAccount,
    ShowTransaction,
)
from dashtam.application.ledger.read_statement import ReadStatement
from dashtam.application.ledger.undo_import import UndoImport
from dashtam.container.adapters import Adapters


class Ledger(Adapters):
    """Bringing statements in, taking them back, and reading what they say."""

    @cached_property
    def read_statement(self) -> ReadStatement:
        return ReadStatement(
            readers=self.statement_readers, unpack=unpack, max_bytes=settings.IMPORT_MAX_BYTES
        )

    @cached_property
    def import_statement(self) -> ImportStatement:
        return ImportStatement(
            read_statement=self.read_statement,
            directory=AccountDirectory(
                connections=self.connections, accounts=self.accounts, clock=self.clock
            ),
            accounts=self.accounts,
            enter_statement=EnterStatement(transactions=self.transactions, balances=self.balances),
            imports=self.imports,
            files=self.files,
            profile_hints=ProfileHints(
                csv_profiles=self.csv_profiles, unit_of_work=self.unit_of_work
            ),
            **self.basics,
        )

    @cached_property
    def list_imports(self) -> ListImports:
        return ListImports(imports=self.imports, **self.basics)

    @cached_property
    def show_import(self) -> ShowImport:
        return ShowImport(imports=self.imports, **self.basics)

    @cached_property
    def undo_import(self) -> UndoImport:
        return UndoImport(
            accounts=self.accounts,
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
    def list_transactions(self) -> ListTransactions:
        return ListTransactions(
            accounts=self.accounts, transactions=self.transactions, **self.basics
        )

    @cached_property
    def show_transaction(self) -> ShowTransaction:
        return ShowTransaction(transactions=self.transactions, **self.basics)
