"""Writes the ledger in the formats of other programs. The output depends on the ledger alone."""
