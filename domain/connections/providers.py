"""What is known of providers: what they ask a person, what they report, and what goes wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Protocol

from domain.connections.values import Capabilities, Credentials, Need, ProviderSlug, Window
from domain.shared.errors import Invalid, Unavailable
from domain.shared.result import Result


class TroubleKind(StrEnum):
    """The kinds of trouble with a provider or with one of its accounts; they decide what follows.

    `AUTHENTICATION`, `CONSENT`, `PAYMENT` and `INTERACTION` (a TAN) need a person: nothing is asked
    again before. `QUOTA` and `TRANSIENT` end by themselves. `GONE`: it does not exist any more.
    `PROTOCOL`: the answer is not what the standard of the provider allows.
    """

    AUTHENTICATION = "authentication"
    CONSENT = "consent"
    PAYMENT = "payment"
    INTERACTION = "interaction"
    QUOTA = "quota"
    TRANSIENT = "transient"
    GONE = "gone"
    PROTOCOL = "protocol"

    @property
    def need(self) -> Need | None:
        """What it needs of a person, if it does not end by itself."""
        return _NEEDS.get(self)


_NEEDS = {
    TroubleKind.AUTHENTICATION: Need.CREDENTIALS,
    TroubleKind.CONSENT: Need.CONSENT,
    TroubleKind.PAYMENT: Need.PAYMENT,
    TroubleKind.INTERACTION: Need.TAN,
    TroubleKind.GONE: Need.CONSENT,
}


@dataclass(frozen=True)
class ProviderTrouble(Unavailable):
    """A provider did not do what was asked. Its own words are not repeated: they may name secrets.

    It is not worth asking again before `until`, if the provider says so.
    """

    code: ClassVar[str] = "provider-trouble"

    kind: TroubleKind = TroubleKind.TRANSIENT
    until: datetime | None = None


class AnswerRefused(Invalid):
    """The provider, or its rules, refuse what a person has entered; nothing was changed."""

    code = "answer-refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """Something that a person enters; a secret one is never shown again."""

    name: str
    label: str
    is_secret: bool = False
    is_optional: bool = False
    options: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """A person goes to this address of the bank, which sends them back."""

    url: str = field(repr=False)
    memory: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A person enters something, such as a TAN. The picture has a media type and its bytes."""

    text: str
    fields: Sequence[Field]
    memory: bytes = field(repr=False)
    picture: tuple[str, bytes] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A person confirms elsewhere, such as in the bank's app; ask again after so many seconds."""

    text: str
    poll_after: int
    memory: bytes = field(repr=False)


#: A step of an authorisation. Its `memory` is stored encrypted, and passed on with the answer.
Step = Redirect | Ask | Wait


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedAccount:
    """An account as a provider describes it.

    `key` is the same for as long as the provider knows the account, also after a renewed consent.
    Institution and number are those by which the reader of its documents names it. `kind` is one of
    the kinds of accounts of the ledger, or empty.
    """

    key: str = field(repr=False)
    name: str
    number: str = field(default="", repr=False)
    institution: str = ""
    currency: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """The person has consented: what for, until when, and the credentials that follow from it.

    `accounts` may be empty, if the provider reports them with the first statements only.
    """

    credentials: Credentials
    institution: str = ""
    accounts: Sequence[ReportedAccount] = ()
    expires_at: datetime | None = None


class RequestMeter(Protocol):
    """Counts the requests of a connection."""

    async def __call__(self, account_key: str = "") -> Result[None, ProviderTrouble]:
        """Count a request before it is sent; refuse it if the quota of the day is used up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorisationContext:
    """What surrounds an authorisation.

    `state` is unique, and a redirect to `redirect_uri` has to repeat it. `renewed` are the
    credentials of a connection whose consent is renewed.
    """

    state: str = field(repr=False)
    redirect_uri: str
    now: datetime
    meter: RequestMeter
    renewed: Credentials | None = None


Progress = Result[Step | Granted, ProviderTrouble | AnswerRefused]


class Authorisation(Protocol):
    """How a person lets Dashtam read their accounts at a provider, step by step."""

    @property
    def fields(self) -> Sequence[Field]:
        """What a person enters first."""

    async def begin(self, given: Mapping[str, str], context: AuthorisationContext) -> Progress:
        """Begin with what was entered."""

    async def answer(
        self, memory: bytes, given: Mapping[str, str], context: AuthorisationContext
    ) -> Progress:
        """Go on after a step: with what was entered, or with the parameters of the redirect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountProblem:
    """Why an account could not be read; a sentence of ours for its owner."""

    kind: TroubleKind
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDocument:
    """What a provider answered about one account: bytes that a statement reader reads.

    `window` are the days that the answer covers, which may be fewer than were asked. Documents with
    the same `fingerprint` say the same of an account, though their bytes may differ in their time.
    """

    account_key: str = field(repr=False)
    content: bytes = field(repr=False)
    file_name: str
    fingerprint: bytes = field(repr=False)
    window: Window | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """An answer: for each account a document, or a problem. It reports all accounts there are.

    With both, the document is part of what there is: it is imported, and covers no day.
    `nothing_booked` are the days of accounts of which the provider says that there is nothing in
    them: these are covered without a document. `unlisted` is why accounts may lack in the answer
    that have not gone for all that.
    """

    accounts: Sequence[ReportedAccount]
    documents: Sequence[AccountDocument] = ()
    problems: Mapping[str, AccountProblem] = field(default_factory=dict)
    nothing_booked: Mapping[str, Window] = field(default_factory=dict)
    unlisted: AccountProblem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRequest:
    """The days to ask for, of these accounts, or of all if none is named."""

    account_keys: Sequence[str] = field(repr=False)
    window: Window


class StatementSource(Protocol):
    """Fetches statements. Nothing is fetched within a database transaction."""

    async def refresh(
        self, credentials: Credentials, *, now: datetime, meter: RequestMeter
    ) -> Result[Credentials | None, ProviderTrouble]:
        """Return new credentials, if the old ones have to be replaced before the next fetch."""

    async def fetch(
        self,
        credentials: Credentials,
        request: StatementRequest,
        *,
        now: datetime,
        meter: RequestMeter,
    ) -> Result[Fetched, ProviderTrouble]:
        """Ask for statements; the meter is asked before each request that is sent."""

    async def revoke(self, credentials: Credentials, *, meter: RequestMeter) -> None:
        """End the consent at the provider, if it offers that; trouble is of no consequence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A provider: what it is called, what it can do, and how it is used."""

    slug: ProviderSlug
    name: str
    capabilities: Capabilities
    authorisation: Authorisation
    source: StatementSource
