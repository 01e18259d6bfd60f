"""The admin, which shows rows to staff. All changes go through use cases."""

from dashtam.admin import audit, connections, identity, imports, ledger, sharing, staff

__all__ = ["audit", "connections", "identity", "imports", "ledger", "sharing", "staff"]
