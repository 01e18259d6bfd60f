"""Where the work being done comes from: set at the edge, read by the audit trail and the logs."""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domain.shared.events import SYSTEM, Actor


@dataclass(frozen=True, slots=True)
class Origin:
    """Who asks, from which address and program, and the work's trace id (W3C Trace Context).

    `api_token_id` is the token of a program that acts in a user's name; `reads` says that whoever
    asks only reads, by a method that is safe (RFC 9110).
    """

    trace_id: str = ""
    ip_address: str | None = None
    user_agent: str = ""
    actor: Actor = SYSTEM
    api_token_id: UUID | None = None
    reads: bool = False

    @property
    def details(self) -> dict[str, str]:
        """What every entry of this work says among its details."""
        return {"api_token_id": str(self.api_token_id)} if self.api_token_id else {}


origin: Final[ContextVar[Origin]] = ContextVar("origin", default=Origin())
