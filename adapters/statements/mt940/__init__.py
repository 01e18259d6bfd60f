"""SWIFT MT940 (statement) and MT942 (interim report), as banks offer them for download."""

from adapters.statements.mt940.reader import Mt940Reader

__all__ = ["Mt940Reader"]
