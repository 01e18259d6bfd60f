"""Users, and what they authenticate with."""

from domain.identity.entities.api_tokens import ApiToken
from domain.identity.entities.callers import Caller
from domain.identity.entities.mailed_tokens import MailedToken
from domain.identity.entities.refresh_tokens import RefreshToken
from domain.identity.entities.second_factors import SecondFactor
from domain.identity.entities.sessions import Session
from domain.identity.entities.users import User

__all__ = [
    "ApiToken",
    "Caller",
    "MailedToken",
    "RefreshToken",
    "SecondFactor",
    "Session",
    "User",
]
