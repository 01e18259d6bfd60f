"""What the use cases of second factors have in common."""

from collections.abc import Sequence
from datetime import datetime

from domain.identity.entities import SecondFactor
from domain.identity.errors import SecondFactorNotFound
from domain.identity.events import RecoveryCodesIssued
from domain.identity.ports import SecondFactorRepository, TokenIssuer, UserRepository
from domain.identity.values import RecoveryCode
from domain.shared.errors import Unavailable
from domain.shared.events import Actor
from domain.shared.ids import SecondFactorId, UserId
from domain.shared.result import Failure, Result, Success

NO_FACTOR = SecondFactorNotFound("No such second factor.")
RECOVERY_CODES = 10

IssuedCodes = tuple[Sequence[RecoveryCode], RecoveryCodesIssued]


async def lock_factor(
    users: UserRepository,
    second_factors: SecondFactorRepository,
    owner: UserId,
    second_factor_id: SecondFactorId | None = None,
) -> Result[SecondFactor, SecondFactorNotFound | Unavailable]:
    """Return a user's factor, of this id if one is named; who changes it waits for the user."""
    user = await users.lock(owner)
    if isinstance(user, Failure):
        return Failure(user.error if isinstance(user.error, Unavailable) else NO_FACTOR)
    found = await second_factors.get(owner)
    if isinstance(found, Success) and second_factor_id not in (None, found.value.id):
        return Failure(NO_FACTOR)
    return found


async def issue_codes(
    second_factors: SecondFactorRepository, tokens: TokenIssuer, owner: UserId, at: datetime
) -> Result[IssuedCodes, Unavailable]:
    """Make recovery codes and keep them in the place of all others."""
    codes = [tokens.recovery_code() for _ in range(RECOVERY_CODES)]
    kept = await second_factors.put_codes(owner, codes)
    if isinstance(kept, Failure):
        return kept
    issued = RecoveryCodesIssued(
        subject_id=owner, actor=Actor.user(owner), occurred_at=at, count=len(codes)
    )
    return Success((codes, issued))
