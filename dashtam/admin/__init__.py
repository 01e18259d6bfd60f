"""The admin: what staff see. What changes anything goes through the use cases, not through here."""

from dashtam.admin import audit, connections, identity, imports, ledger, staff

__all__ = ["audit", "connections", "identity", "imports", "ledger", "staff"]
