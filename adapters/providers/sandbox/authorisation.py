"""An authorisation in which a person chooses what the bank asks of them, and what goes wrong."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Self
from urllib.parse import urlencode

from adapters.providers.sandbox.bank import CONNECTIONS, HISTORY, Trouble
from adapters.providers.sandbox.source import Customer
from domain.connections.providers import (
    AnswerRefused,
    Ask,
    AuthorisationContext,
    Field,
    Granted,
    Progress,
    Redirect,
    Wait,
)
from domain.shared.result import Failure, Success

TAN = "123456"
#: So often a person is waited for before they have confirmed.
POLLS = 2
POLL_AFTER = 2
#: Soon enough that its owner gets a letter about its end at once.
CONSENT_DAYS = 6


class Way(StrEnum):
    """What the bank asks of a person."""

    IMMEDIATE = "immediate"
    REDIRECT = "redirect"
    ASK = "ask"
    WAIT = "wait"


_FIELDS = (
    Field(
        name="step",
        label="What the bank asks of you",
        is_optional=True,
        options=[*map(str, Way)],
    ),
    Field(
        name="trouble",
        label="What goes wrong afterwards",
        is_optional=True,
        options=[*map(str, Trouble)],
    ),
    Field(
        name="consent",
        label="For how long you consent",
        is_optional=True,
        options=["unlimited", "six-days"],
    ),
)
_TAN_FIELD = Field(name="tan", label="TAN", is_secret=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    """What is remembered from one step to the next."""

    way: str
    trouble: str
    consent: str
    polls: int = 0

    @classmethod
    def of(cls, memory: bytes) -> Self | None:
        try:
            return cls(**json.loads(memory))
        except (ValueError, TypeError):
            return None

    @property
    def memory(self) -> bytes:
        return json.dumps(asdict(self)).encode()


class SandboxAuthorisation:
    """`Authorisation` of the simulated bank: each step that there is can be tried."""

    @property
    def fields(self) -> Sequence[Field]:
        return _FIELDS

    async def begin(self, given: Mapping[str, str], context: AuthorisationContext) -> Progress:
        chosen = {each.name: given.get(each.name) or each.options[0] for each in _FIELDS}
        for each in _FIELDS:
            if chosen[each.name] not in each.options:
                return Failure(AnswerRefused(f"{each.name} is one of {', '.join(each.options)}."))
        begun = _Begun(way=chosen["step"], trouble=chosen["trouble"], consent=chosen["consent"])
        match Way(begun.way):
            case Way.IMMEDIATE:
                return _granted(begun, context)
            case Way.REDIRECT:
                query = urlencode({"state": context.state, "code": "sandbox"})
                return Success(Redirect(url=f"{context.redirect_uri}?{query}", memory=begun.memory))
            case Way.ASK:
                text = f"The bank sent you a TAN: {TAN}. Enter it."
                return Success(Ask(text=text, fields=[_TAN_FIELD], memory=begun.memory))
            case Way.WAIT:
                return _wait(begun)

    async def answer(
        self, memory: bytes, given: Mapping[str, str], context: AuthorisationContext
    ) -> Progress:
        begun = _Begun.of(memory)
        if begun is None:
            return Failure(AnswerRefused("Nothing was begun."))
        match begun.way:
            case Way.REDIRECT if given.get("state") != context.state:
                return Failure(AnswerRefused("This is the answer to another authorisation."))
            case Way.REDIRECT if given.get("code") != "sandbox":
                return Failure(AnswerRefused("You did not give your consent at the bank."))
            case Way.ASK if given.get("tan", "").strip() != TAN:
                return Failure(
                    AnswerRefused("The TAN is wrong. Renew the connection to try again.")
                )
            case Way.WAIT if begun.polls < POLLS:
                return _wait(replace(begun, polls=begun.polls + 1))
            case _:
                return _granted(begun, context)


def _wait(begun: _Begun) -> Progress:
    text = "Confirm in the bank's app. Here, somebody does so within a few seconds."
    return Success(Wait(text=text, poll_after=POLL_AFTER, memory=begun.memory))


def _granted(begun: _Begun, context: AuthorisationContext) -> Progress:
    """Grant access to a new customer, or to the same one if a consent is renewed."""
    known = Customer.of(context.renewed) if context.renewed else None
    seed = known.seed if known else sha256(context.state.encode()).hexdigest()[:12]
    opened = known.opened if known else (context.now - HISTORY).date().isoformat()
    ends = begun.consent == "six-days"
    until = context.now + timedelta(days=CONSENT_DAYS) if ends else None
    customer = Customer(
        seed=seed,
        opened=opened,
        trouble=begun.trouble,
        until=until.isoformat() if until else None,
    )
    return Success(
        Granted(
            credentials=customer.credentials,
            institution=next(iter(CONNECTIONS.values())),
            expires_at=until,
        )
    )
