"""The consent that a person gives at their bank, for Enable Banking to read accounts."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any, TypeGuard
from urllib.parse import urlsplit

from adapters.providers.enable_banking.api import CODE_REFUSED, EnableBankingApi, Refusal
from adapters.providers.enable_banking.sessions import Session, session_of
from adapters.providers.oauth import authorisation_code
from adapters.providers.troubles import trouble
from domain.connections.providers import (
    AnswerRefused,
    AuthorisationContext,
    Field,
    Granted,
    Progress,
    ProviderTrouble,
    Redirect,
    TroubleKind,
)
from domain.shared.result import Failure, Result, Success

PSU_TYPES = ("personal", "business")
MAX_NAME, MAX_URL = 200, 4_096
#: Names that are shown if none fits.
NEAR = 5
#: Where a bank does not say how long a consent may last: what the law allowed first.
USUAL_VALIDITY = timedelta(days=90)
LONGEST_VALIDITY = timedelta(days=3650)
#: A consent for exactly the longest time is refused: the request arrives a moment later.
MARGIN = timedelta(minutes=1)

_FIELDS = (
    Field(name="country", label="Country of the bank, in two letters (ISO 3166)"),
    Field(name="institution", label="Name of the bank"),
    Field(
        name="psu_type",
        label="What kind of customer you are there",
        is_optional=True,
        options=PSU_TYPES,
    ),
)
_LATE = "The answer of the bank came too late, or was used before. Connect once more."
_NO_ACCOUNTS = "You chose no account at the bank. Connect once more, and choose at least one."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bank:
    name: str
    country: str
    psu_type: str
    validity: timedelta = USUAL_VALIDITY


@dataclass(frozen=True, slots=True)
class EnableBankingAuthorisation:
    """`Authorisation` of Enable Banking: a redirect to the bank, and the code that follows.

    Its requests read no account, so they do not count towards what a bank allows.
    """

    api: EnableBankingApi

    @property
    def fields(self) -> Sequence[Field]:
        return _FIELDS

    async def begin(self, given: Mapping[str, str], context: AuthorisationContext) -> Progress:
        entered = _entered(given, context)
        if isinstance(entered, Failure):
            return entered
        found = await self._find(entered.value)
        if isinstance(found, Failure):
            return found
        bank = found.value
        valid_until = context.now + bank.validity - MARGIN
        answer = await self.api.call("POST", "/auth", body=_request(bank, context, valid_until))
        if isinstance(answer, Failure):
            return Failure(answer.error.trouble)
        url = answer.value.members.get("url")
        if not _is_page(url, self.api.address):
            return Failure(trouble(TroubleKind.PROTOCOL))
        return Success(Redirect(url=url, memory=_memory(bank, context, valid_until)))

    async def answer(
        self, memory: bytes, given: Mapping[str, str], context: AuthorisationContext
    ) -> Progress:
        begun = _begun(memory)
        code = authorisation_code(given, state=begun.pop("state", ""))
        if isinstance(code, Failure):
            return code
        answer = await self.api.call(
            "POST", "/sessions", body={"code": code.value}, list_name="accounts"
        )
        if isinstance(answer, Failure):
            return Failure(_refused(answer.error))
        valid_until = datetime.fromisoformat(begun.pop("valid_until"))
        session = session_of(answer.value, valid_until=valid_until, **begun)
        if session is None:
            return Failure(trouble(TroubleKind.PROTOCOL))
        if not session.accounts:
            return Failure(AnswerRefused(_NO_ACCOUNTS))
        return Success(_granted(session))

    async def _find(self, entered: _Bank) -> Result[_Bank, ProviderTrouble | AnswerRefused]:
        """Return the bank of this name, with how long it lets a consent last."""
        query = {"country": entered.country, "psu_type": entered.psu_type, "service": "AIS"}
        answer = await self.api.call("GET", "/aspsps", query=query, list_name="aspsps")
        if isinstance(answer, Failure):
            return Failure(answer.error.trouble)
        listed = (each for _, each in answer.value.items if isinstance(each, dict))
        banks = {each["name"]: each for each in listed if isinstance(each.get("name"), str)}
        by_name = {_plain(name): each for name, each in banks.items()}
        bank = by_name.get(_plain(entered.name))
        if bank is None:
            return Failure(await asyncio.to_thread(_unknown, entered, [*banks]))
        return Success(
            _Bank(
                name=bank["name"],
                country=entered.country,
                psu_type=entered.psu_type,
                validity=_validity(bank.get("maximum_consent_validity")),
            )
        )


def _memory(bank: _Bank, context: AuthorisationContext, valid_until: datetime) -> bytes:
    memory = {
        "state": context.state,
        "institution": bank.name,
        "country": bank.country,
        "psu_type": bank.psu_type,
        "valid_until": valid_until.isoformat(),
    }
    return json.dumps(memory).encode()


def _begun(memory: bytes) -> dict[str, str]:
    """Return what was remembered; nothing if that is no memory of this provider."""
    try:
        begun = json.loads(memory)
    except ValueError:
        return {}
    return begun if isinstance(begun, dict) else {}


def _request(
    bank: _Bank, context: AuthorisationContext, valid_until: datetime
) -> Mapping[str, Any]:
    return {
        "access": {"valid_until": valid_until.isoformat(timespec="seconds")},
        "aspsp": {"name": bank.name, "country": bank.country},
        "psu_type": bank.psu_type,
        "redirect_url": context.redirect_uri,
        "state": context.state,
    }


def _granted(session: Session) -> Granted:
    return Granted(
        credentials=session.to_credentials(),
        institution=session.institution,
        accounts=session.reported(),
        expires_at=session.valid_until,
    )


def _entered(
    given: Mapping[str, str], context: AuthorisationContext
) -> Result[_Bank, AnswerRefused]:
    """Return which bank a person means; a consent is renewed at the bank that gave it."""
    stated = {each.name: given.get(each.name, "").strip() for each in _FIELDS}
    renewed = Session.from_credentials(context.renewed) if context.renewed else None
    if renewed:
        bank = _Bank(name=renewed.institution, country=renewed.country, psu_type=renewed.psu_type)
        if stated["institution"] and _plain(stated["institution"]) != _plain(bank.name):
            sentence = f"A consent is renewed at the same bank, which is “{bank.name}”."
            return Failure(AnswerRefused(sentence))
        return Success(bank)
    country, psu_type = stated["country"].upper(), stated["psu_type"] or PSU_TYPES[0]
    if len(country) != len("FI") or not (country.isascii() and country.isalpha()):
        return Failure(AnswerRefused("Say the country of the bank in two letters, such as FI."))
    if psu_type not in PSU_TYPES:
        return Failure(AnswerRefused(f"A customer is {' or '.join(PSU_TYPES)}."))
    if not 0 < len(stated["institution"]) <= MAX_NAME:
        return Failure(AnswerRefused(f"Say the bank's name, in at most {MAX_NAME} characters."))
    return Success(_Bank(name=stated["institution"], country=country, psu_type=psu_type))


def _unknown(entered: _Bank, names: Sequence[str]) -> AnswerRefused:
    """Say that no bank has this name, and which names are near."""
    by_plain = {_plain(name): name for name in names}
    word = _plain(entered.name)
    near = [name for name in by_plain if word in name]
    near += get_close_matches(word, [*by_plain.keys() - {*near}], n=NEAR, cutoff=0.5)
    sentence = f"No bank in {entered.country} is called “{entered.name}”."
    if near:
        sentence += f" Did you mean {' or '.join(f'“{by_plain[name]}”' for name in near[:NEAR])}?"
    return AnswerRefused(sentence)


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def _validity(stated: Any) -> timedelta:
    """Return how long a consent may last, which is stated in seconds."""
    text = str(stated)
    if not (text.isascii() and text.isdigit() and len(text) < len("10000000000")):
        return USUAL_VALIDITY
    return max(min(timedelta(seconds=int(text)), LONGEST_VALIDITY), 2 * MARGIN)


def _is_page(url: object, address: str) -> TypeGuard[str]:
    """Return whether a person may be sent there, which is as protected as the API itself."""
    if not isinstance(url, str) or len(url) > MAX_URL:
        return False
    return url.startswith(("https://", f"{urlsplit(address).scheme}://"))


def _refused(refusal: Refusal) -> ProviderTrouble | AnswerRefused:
    if refusal.code in CODE_REFUSED:
        return AnswerRefused(_LATE)
    return AnswerRefused(_NO_ACCOUNTS) if refusal.code == "NO_ACCOUNTS_ADDED" else refusal.trouble
