"""Whether a password is one that guessing begins with."""

import asyncio
import math
from concurrent.futures import ThreadPoolExecutor

from zxcvbn import matching, zxcvbn

from domain.identity.values import Password

# The estimate's own limit. What follows is not looked at: it can only add to what must be guessed.
LOOKED_AT = 72
# An estimate takes time that grows with the square of the length, times the ways in which digits
# and signs may be read as letters. One of two readings may be as long as any.
MOST_WORK = 2 * LOOKED_AT**2
# What is shorter is part of many a word.
LEAST_REPEATED = 4
# Of 0 to 4: what withstands some ten thousand guesses a second for months.
LEAST_SCORE = 3
# A shorter name is part of many a sentence.
LEAST_NAME = 5


class PatternJudge:
    """`PasswordPolicy` by lists of common passwords and words, and by patterns (zxcvbn).

    One thread estimates, and no more: it needs the interpreter's lock, as the event loop does. For
    the same reason it has the priority of all others: the loop would wait for one that waits.
    """

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="judge")

    async def is_weak(self, password: Password, username: str) -> bool:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._executor, _is_guessable, password.text, username.lower()
        )


def _is_guessable(text: str, address: str) -> bool:
    name = address.partition("@")[0]
    lowered = text.lower()
    if address in lowered or (len(name) >= LEAST_NAME and name in lowered):
        return True
    estimate = zxcvbn(looked_at(text), user_inputs=[address, name, "dashtam"])
    return int(estimate["score"]) < LEAST_SCORE


def looked_at(text: str) -> str:
    """Return how a password begins, as far as the estimate stays a matter of milliseconds.

    Signs that may be letters multiply the readings: `4` and `@` are both an a, `1` is i or l. Only
    where there are many different ones, less than 72 characters are enough to look at.
    """
    begins = text[:LOOKED_AT]
    if _work(begins) > MOST_WORK:
        # A repetition that is cut off would look like more than one.
        begins = _said_once(begins)
    while _work(begins) > MOST_WORK:
        begins = begins[:-1]
    return begins


def _said_once(text: str) -> str:
    """Leave out what is said again at once, with the beginning of a last time."""
    for size in range(LEAST_REPEATED, len(text) // 2 + 1):
        for start in range(len(text) - 2 * size + 1):
            again = start + size
            end = again
            while end < len(text) and text[end] == text[end - size]:
                end += 1
            if end - again >= size:
                text = text[:again] + text[end:]
    return text


def _work(text: str) -> int:
    signs = matching.relevant_l33t_subtable(text, matching.L33T_TABLE)
    return len(text) ** 2 * math.prod(len(each) for each in signs.values())
