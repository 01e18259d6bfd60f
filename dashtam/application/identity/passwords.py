"""What a password has to be, wherever one is chosen."""

from dashtam.application.turns import Turns
from domain.identity.errors import WeakPassword
from domain.identity.ports import PasswordHasher, PasswordJudge
from domain.identity.values import Password, PasswordHash
from domain.shared.result import Failure, Result, Success


async def choose_password(
    text: str, holder: str, judge: PasswordJudge
) -> Result[Password, WeakPassword]:
    """Take a password that is long enough, and not one that guessing begins with."""
    chosen = Password.choose(text)
    if isinstance(chosen, Failure):
        return chosen
    if await judge.is_guessable(chosen.value, holder):
        return Failure(WeakPassword("This password is too easy to guess. Choose another one."))
    return chosen


async def hash_chosen(
    text: str, holder: str, judge: PasswordJudge, hasher: PasswordHasher, turns: Turns
) -> Result[PasswordHash, WeakPassword]:
    """Take a password that someone chose, and hash it: both are slow, and wait for their turn."""
    async with turns.take():
        chosen = await choose_password(text, holder, judge)
        if isinstance(chosen, Failure):
            return chosen
        return Success(await hasher.hash(chosen.value))
