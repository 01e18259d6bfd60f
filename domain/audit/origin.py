"""The origin of the current work: set at the edge, read by the audit trail and the logs."""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domain.shared.events import SYSTEM, Actor


@dataclass(frozen=True, slots=True)
class Origin:
    """The actor, IP address and user agent of a request, and its trace id (W3C Trace Context).

    `api_token_id` is set if a program acts in a user's name. `is_read_only` is true for requests
    with a safe method (RFC 9110).
    """

    trace_id: str = ""
    ip_address: str | None = None
    user_agent: str = ""
    actor: Actor = SYSTEM
    api_token_id: UUID | None = None
    is_read_only: bool = False

    @property
    def details(self) -> dict[str, str]:
        """The details that every audit entry of this work has."""
        return {"api_token_id": str(self.api_token_id)} if self.api_token_id else {}


origin: Final[ContextVar[Origin]] = ContextVar("origin", default=Origin())
