"""Quicken Interchange Format: https://en.wikipedia.org/wiki/Quicken_Interchange_Format."""

from adapters.statements.qif.reader import QifReader

__all__ = ["QifReader"]
