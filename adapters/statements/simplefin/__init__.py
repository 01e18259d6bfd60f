"""SimpleFIN: accounts and transactions as JSON, as servers of this protocol answer them."""

from adapters.statements.simplefin.reader import SimpleFinReader

__all__ = ["SimpleFinReader"]
