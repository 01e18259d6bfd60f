"""Whether a password is one that guessing begins with."""

import asyncio

from zxcvbn import zxcvbn

from domain.identity.values import Password

# Its own limit: an estimate takes time that grows with the square of the length.
LOOKED_AT = 72
# Of 0 to 4: what withstands some ten thousand guesses a second for months.
LEAST_SCORE = 3
# A shorter name is part of many a sentence.
LEAST_NAME = 5


class PatternJudge:
    """`PasswordJudge` by lists of common passwords and words, and by patterns (zxcvbn)."""

    async def is_guessable(self, password: Password, holder: str) -> bool:
        return await asyncio.to_thread(_is_guessable, password.text, holder.lower())


def _is_guessable(text: str, address: str) -> bool:
    name = address.partition("@")[0]
    lowered = text.lower()
    if address in lowered or (len(name) >= LEAST_NAME and name in lowered):
        return True
    estimate = zxcvbn(text[:LOOKED_AT], user_inputs=[address, name, "dashtam"])
    return int(estimate["score"]) < LEAST_SCORE
