"""What a password has to be, wherever one is chosen."""

from domain.identity.errors import WeakPassword
from domain.identity.ports import PasswordJudge
from domain.identity.values import Password
from domain.shared.result import Failure, Result


async def choose_password(
    text: str, holder: str, judge: PasswordJudge
) -> Result[Password, WeakPassword]:
    """Take a password that is long enough, and not one that guessing begins with."""
    chosen = Password.choose(text)
    if isinstance(chosen, Failure):
        return chosen
    if await judge.is_guessable(chosen.value, holder):
        return Failure(WeakPassword("This password is too easily guessed: take another one."))
    return chosen
