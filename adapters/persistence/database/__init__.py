"""Async transactions over Django's ORM, on leased threads with a connection each."""

from adapters.persistence.database.bulkhead import Bounds
from adapters.persistence.database.database import Database, UsesDatabase, in_database
from adapters.persistence.database.pool import PoolState
from adapters.persistence.database.transaction import Transaction, allow_long_transaction
from adapters.persistence.database.worker import stop_if_cancelled

__all__ = [
    "Bounds",
    "Database",
    "PoolState",
    "Transaction",
    "UsesDatabase",
    "allow_long_transaction",
    "in_database",
    "stop_if_cancelled",
]
