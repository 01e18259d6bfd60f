"""Weak passwords are refused, however long they are, and at little cost."""

import asyncio
import math
import random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from zxcvbn import matching, zxcvbn

from adapters.security.weak_passwords import (
    MAX_LENGTH,
    MAX_WORK,
    MIN_SCORE,
    ZxcvbnPolicy,
    affordable_prefix,
)
from domain.identity.values import Password

HOLDER = "ada@example.org"
SIGNS = sorted({sign for signs in matching.L33T_TABLE.values() for sign in signs})
#: Estimating this took seconds: nearly every symbol can be a letter, some of them one of two.
NASTY = ("4@8({[<369!|1i0$5+7%2" * 4)[:72]

WEAK = (
    "password password1 qwertyuiop letmein 12345 abcdefghij p4$$w0rd iloveyou aaa ab 01/01/1991"
    " dr4g0n @lph@ l3tm31n 69 $5+7 [({< |1!"
).split()
ENDS = st.sampled_from(["", "!", "2026", "x1"])


async def is_weak(text: str) -> bool:
    return await ZxcvbnPolicy().is_weak(Password(text), HOLDER)


def score_of_all(text: str) -> int:
    """Return the score of the longest prefix that zxcvbn accepts, whatever that costs."""
    return int(zxcvbn(text[:72], user_inputs=[HOLDER, "ada", "dashtam"])["score"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(WEAK), min_size=1, max_size=5), st.integers(15, 200), ENDS)
@example(["password", "$5+7"], 72, "")
@example(["letmein", "|1!"], 67, "")
def test_the_prefix_estimate_is_never_more_lenient(parts: list[str], length: int, end: str) -> None:
    text = ("".join(parts) * length)[:length] + end

    assert score_of_all(text) >= MIN_SCORE or asyncio.run(is_weak(text))


@pytest.mark.parametrize("length", [15, 31, 33, 72, 73, 1024])
@pytest.mark.parametrize("weak", ["password", "p4$$w0rd", "qwerty1", "@lph@", "ab", "12345"])
async def test_a_repeated_weak_password_stays_weak(weak: str, length: int) -> None:
    assert await is_weak((weak * length)[:length])


@pytest.mark.parametrize("end", ["!", "2026", "x" * 40, "[{(<!|1i69$5+7%2"])
async def test_a_suffix_does_not_strengthen_a_long_weak_password(end: str) -> None:
    assert await is_weak("password" * 9 + end)


@pytest.mark.parametrize("offset", [0, 40, 900])
@pytest.mark.parametrize("own", [HOLDER, HOLDER.upper()])
async def test_personal_data_is_found_anywhere_in_the_password(own: str, offset: int) -> None:
    filling = "Kx7 vortex lamp quiet brass Zanzibar nine " * 30

    assert await is_weak(filling[:offset] + own + filling[offset:960])


@pytest.mark.parametrize(
    "strong",
    [
        "correct horse battery",
        "a password for measuring",
        "mountain umbrella copper seventeen",
        "Kx7#vortex-lamp!quiet",
        "ключ🔑 с пробелом и ещё",
        NASTY,
        NASTY * 10,
    ],
)
async def test_a_strong_password_is_accepted(strong: str) -> None:
    assert not await is_weak(strong)


def work(text: str) -> int:
    """Return the cost of an estimate: the square of the length, for each reading."""
    readings = [sum(sign in text for sign in signs) for signs in matching.L33T_TABLE.values()]
    return len(text) ** 2 * math.prod(max(1, each) for each in readings)


def test_the_prefix_to_estimate_is_bounded() -> None:
    chance = random.Random(20260301)
    shortened = 0
    for _ in range(500):
        pool = chance.sample(SIGNS, chance.randint(1, len(SIGNS)))
        text = "".join(chance.choices([*pool, "e", "q"], k=chance.randint(1, 200)))
        prefix = affordable_prefix(text)

        assert work(prefix) <= MAX_WORK
        longest = text[:MAX_LENGTH]
        # A text is cut only if it has to be.
        assert (prefix == longest) == (work(longest) <= MAX_WORK)
        shortened += prefix != longest
    assert shortened > 100


def test_a_password_with_two_symbols_is_not_cut_below_72_characters() -> None:
    for text in ("x" * 72, "correct horse battery " * 9, "P4ssw0rd!" * 9):
        assert affordable_prefix(text) == text[:72]


async def test_one_password_is_estimated_at_a_time() -> None:
    policy = ZxcvbnPolicy()

    await asyncio.gather(*(policy.is_weak(Password(f"{n} brass"), HOLDER) for n in range(20)))

    assert len(policy._executor._threads) == 1
