"""What users write by hand (`domain.ledger.by_hand`)."""

from adapters.statements.by_hand.reader import ByHandReader

__all__ = ["ByHandReader"]
