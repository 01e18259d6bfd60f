"""OFX 1 (SGML), OFX 2 (XML), QFX and QBO: https://www.financialdataexchange.org/ofx."""

from adapters.statements.ofx.reader import OfxReader

__all__ = ["OfxReader"]
