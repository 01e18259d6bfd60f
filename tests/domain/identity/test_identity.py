"""Addresses, passwords, tokens, users and sessions."""

import unicodedata
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identity.entities import Session
from domain.identity.values import Email, Password, Token, TokenKind
from domain.shared.events import Actor
from domain.shared.ids import UserId, new_id
from domain.shared.result import Failure, Success
from tests.factories import NOON, make_session, make_user


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ada@example.org", "ada@example.org"),
        (" Ada@Example.ORG\n", "ada@example.org"),
        ("ａｄａ@example.org", "ada@example.org"),
        ("ada+bank@mail.example.org", "ada+bank@mail.example.org"),
        ("søren@exämple.org", "søren@exämple.org"),
    ],
)
def test_an_email_address_is_normalised(text: str, address: str) -> None:
    assert Email.parse(text) == Success(Email(address))


@pytest.mark.parametrize(
    "text",
    [
        *("", "ada", "@example.org", "ada@", "ada@example", "ada@@example.org", "a b@example.org"),
        *("ada@example..org", "ada@.org", "ada\0@example.org", "<ada@example.org>"),
        *("ada@example.org,b.org", "ada@example.org;b.org", "ada@example.org>", "ada@[192.0.2.7]"),
        *("x" * 65 + "@example.org", "ada@" + "x" * 250 + ".org", "ada@example.org\u200b"),
    ],
)
def test_an_invalid_email_address_is_refused(text: str) -> None:
    assert isinstance(Email.parse(text), Failure)


@given(st.text(max_size=80))
def test_any_text_is_an_email_address_or_refused(text: str) -> None:
    parsed = Email.parse(text)

    assert isinstance(parsed, Failure) or Email.parse(str(parsed.value)) == parsed


def test_repr_hides_the_email_address() -> None:
    assert "ada@" not in repr(make_user("ada@example.org"))


@pytest.mark.parametrize("text", ["x" * 15, "x" * 1024, "ключ🔑 с пробелом"])
def test_a_long_password_is_accepted(text: str) -> None:
    assert Password.choose(text) == Success(Password(text))


@pytest.mark.parametrize("text", ["x" * 1024, "e\u0301" * 1000, "\u03b1\u0313\u0300\u0345" * 1024])
def test_no_part_of_a_password_is_dropped(text: str) -> None:
    typed_otherwise = unicodedata.normalize("NFC", text)

    assert Password.choose(text) == Success(Password(typed_otherwise))
    assert Password.from_input(text) == Password.from_input(typed_otherwise)


@pytest.mark.parametrize(
    "text",
    [
        *("", "x" * 14, "x" * 1025, "e\u0301" * 7, "e\u0301" * 1025),
        "\u03b1\u0313\u0300\u0345" * 1025,
        "x" * 10_000,
    ],
)
def test_a_short_or_endless_password_is_refused(text: str) -> None:
    assert isinstance(Password.choose(text), Failure)


def test_differently_composed_accents_are_the_same_password() -> None:
    assert Password.from_input("cafe\u0301 " * 4) == Password.from_input("caf\u00e9 " * 4)


def test_repr_hides_the_password() -> None:
    assert "battery" not in repr(Password("correct horse battery"))


@given(st.binary(min_size=32, max_size=32))
def test_a_token_survives_a_round_trip(secret: bytes) -> None:
    for kind in TokenKind:
        token = Token.of(secret, kind)
        assert Token.parse(token.text, kind) == Success(token)
        assert token.kind is kind
        for other in set(TokenKind) - {kind}:
            assert isinstance(Token.parse(token.text, other), Failure)
    assert len(token.digest) == 32


@given(st.integers(0, 86), st.characters(codec="ascii"))
def test_a_mistyped_token_fails_its_checksum(position: int, character: str) -> None:
    text = Token.of(bytes(32)).text
    mistyped = text[:position] + character + text[position + 1 :]

    assert mistyped == text or isinstance(Token.parse(mistyped, *TokenKind), Failure)


@given(st.text())
def test_any_text_is_a_token_or_refused(text: str) -> None:
    for candidate in (text, f"dashtam_access_{text}"):
        assert isinstance(Token.parse(candidate, *TokenKind), Failure)


def test_repr_hides_the_token() -> None:
    token = Token.of(bytes(32))

    assert token.text not in repr(token)


def test_the_registration_event_has_no_email_address() -> None:
    user, registered = type(make_user()).register(
        id=UserId(new_id()),
        email=Email("ada@example.org"),
        password_hash=make_user().password_hash,
        at=NOON,
    )

    assert (registered.subject_id, registered.actor) == (user.id, Actor.user(user.id))
    assert registered.occurred_at == NOON
    assert "ada" not in repr(registered)


def test_a_session_is_active_until_it_expires() -> None:
    session = make_session(UserId(new_id()))

    assert session.is_active(NOON)
    assert session.is_active(NOON + Session.LIFETIME - timedelta(seconds=1))
    assert not session.is_active(NOON + Session.LIFETIME)


def test_a_session_is_active_until_it_ends() -> None:
    session, ended = make_session(UserId(new_id())).end(NOON)

    assert not session.is_active(NOON)
    assert (ended.subject_id, ended.actor.id) == (session.id, session.user_id)
