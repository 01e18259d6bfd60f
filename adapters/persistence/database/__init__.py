"""Async transactions over Django's ORM, on leased threads that have a connection each."""

from adapters.persistence.database.bulkhead import Bounds
from adapters.persistence.database.call import stop_if_cancelled
from adapters.persistence.database.database import Database, in_database
from adapters.persistence.database.pool import PoolState
from adapters.persistence.database.transaction import Transaction

__all__ = ["Bounds", "Database", "PoolState", "Transaction", "in_database", "stop_if_cancelled"]
