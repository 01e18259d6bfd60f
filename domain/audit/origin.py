"""Where the work being done comes from: set at the edge, read by the audit trail and the logs."""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from domain.shared.events import SYSTEM, Actor


@dataclass(frozen=True, slots=True)
class Origin:
    """Who asks, from which address and program, and the work's trace id (W3C Trace Context)."""

    trace_id: str = ""
    ip_address: str | None = None
    user_agent: str = ""
    actor: Actor = SYSTEM


origin: Final[ContextVar[Origin]] = ContextVar("origin", default=Origin())
