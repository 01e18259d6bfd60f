"""Estimates whether a password is easy to guess."""

import asyncio
import math
from concurrent.futures import ThreadPoolExecutor

from zxcvbn import matching, zxcvbn

from domain.identity.values import Password

# zxcvbn's own limit of characters. The rest is ignored: it can only make guessing harder.
MAX_LENGTH = 72
# An estimate takes time that grows with the square of the length, times the ways in which digits
# and symbols can be read as letters. This allows two readings of a text of any length.
MAX_WORK = 2 * MAX_LENGTH**2
# Shorter repetitions occur in many words.
MIN_REPEATED = 4
# zxcvbn's score from 0 to 4: 3 withstands ten thousand guesses a second for months.
MIN_SCORE = 3
# Shorter names occur in many sentences.
MIN_NAME = 5


class ZxcvbnPolicy:
    """`PasswordPolicy` by common passwords, dictionaries and patterns (zxcvbn).

    There is one thread, because an estimate holds the interpreter's lock, as the event loop does.
    Its priority is normal: with a lower one, the loop would wait for a thread without a core.
    """

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="zxcvbn")

    async def is_weak(self, password: Password, username: str) -> bool:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, _is_weak, password.text, username.lower())


def _is_weak(text: str, email: str) -> bool:
    name = email.partition("@")[0]
    lowered = text.lower()
    if email in lowered or (len(name) >= MIN_NAME and name in lowered):
        return True
    estimate = zxcvbn(affordable_prefix(text), user_inputs=[email, name, "dashtam"])
    return int(estimate["score"]) < MIN_SCORE


def affordable_prefix(text: str) -> str:
    """Return the beginning of a password that can be estimated within milliseconds.

    Symbols that can be read as letters multiply the readings: `4` and `@` are both an a, `1` is i
    or l. Only passwords with many different ones are cut below 72 characters.
    """
    prefix = text[:MAX_LENGTH]
    if _work(prefix) > MAX_WORK:
        # A repetition that is cut off would not be recognised as one.
        prefix = _without_repetitions(prefix)
    while _work(prefix) > MAX_WORK:
        prefix = prefix[:-1]
    return prefix


def _without_repetitions(text: str) -> str:
    """Remove immediate repetitions, including a partial one at the end."""
    for size in range(MIN_REPEATED, len(text) // 2 + 1):
        for start in range(len(text) - 2 * size + 1):
            again = start + size
            end = again
            while end < len(text) and text[end] == text[end - size]:
                end += 1
            if end - again >= size:
                text = text[:again] + text[end:]
    return text


def _work(text: str) -> int:
    symbols = matching.relevant_l33t_subtable(text, matching.L33T_TABLE)
    return len(text) ** 2 * math.prod(len(each) for each in symbols.values())
