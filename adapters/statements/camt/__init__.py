"""ISO 20022 camt.052 (report), camt.053 (statement), camt.054 (notification), in all versions."""

from adapters.statements.camt.reader import CamtReader

__all__ = ["CamtReader"]
