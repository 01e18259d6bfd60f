"""Which scopes the methods of the ledger's addresses ask of an API token."""

from domain.identity.values import Scope

READ_ACCOUNTS = frozenset({Scope.READ_ACCOUNTS})
READ_TRANSACTIONS = frozenset({Scope.READ_TRANSACTIONS})
WRITE_TRANSACTIONS = frozenset({Scope.WRITE_TRANSACTIONS})
READ_IMPORTS = frozenset({Scope.READ_IMPORTS})
WRITE_IMPORTS = frozenset({Scope.WRITE_IMPORTS})
# What tells of the ledger as a whole.
READ_LEDGER = READ_ACCOUNTS | READ_TRANSACTIONS
