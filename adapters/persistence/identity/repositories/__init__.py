"""Identity kept in PostgreSQL."""

from adapters.persistence.identity.repositories.api_tokens import DjangoApiTokenRepository
from adapters.persistence.identity.repositories.mailed_tokens import DjangoMailedTokenRepository
from adapters.persistence.identity.repositories.refresh_tokens import DjangoRefreshTokenRepository
from adapters.persistence.identity.repositories.second_factors import (
    SealedSecondFactorRepository,
    owners_of_factors_to_rotate,
)
from adapters.persistence.identity.repositories.sessions import DjangoSessionRepository
from adapters.persistence.identity.repositories.users import DjangoUserRepository

__all__ = [
    "DjangoApiTokenRepository",
    "DjangoMailedTokenRepository",
    "DjangoRefreshTokenRepository",
    "DjangoSessionRepository",
    "DjangoUserRepository",
    "SealedSecondFactorRepository",
    "owners_of_factors_to_rotate",
]
