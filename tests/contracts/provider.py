"""What every provider must do, whoever is behind it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from adapters.providers.troubles import trouble
from domain.connections.providers import (
    AnswerRefused,
    Ask,
    AuthorisationContext,
    Fetched,
    Granted,
    Progress,
    Provider,
    ProviderTrouble,
    Redirect,
    StatementRequest,
    TroubleKind,
    Wait,
)
from domain.connections.values import ONE_DAY, Credentials, Window
from domain.ledger.account_numbers import canonical
from domain.ledger.hints import NO_HINTS
from domain.ledger.ports import StatementReader
from domain.ledger.values import AccountReference, StatementFile
from domain.shared.result import Failure, Result, Success

NOW = datetime(2026, 3, 14, 9, tzinfo=UTC)
MOST_STEPS = 10


@dataclass
class Meter:
    """Counts requests, and refuses them when the quota is used up."""

    left: int = 1000
    counted: int = 0

    async def __call__(self, account_key: str = "") -> Result[None, ProviderTrouble]:
        if self.left <= self.counted:
            return Failure(trouble(TroubleKind.QUOTA))
        self.counted += 1
        return Success(None)


@dataclass
class Offered:
    """A provider that can be used here, and what a person enters, at first and at each step."""

    provider: Provider
    given: Mapping[str, str]
    answers: Mapping[str, str] = field(default_factory=dict)
    meter: Meter = field(default_factory=Meter)
    now: datetime = NOW

    def context(self, renewed: Credentials | None = None) -> AuthorisationContext:
        return AuthorisationContext(
            state="state-of-one-authorisation",
            redirect_uri="https://dashtam.example/connections/return",
            now=self.now,
            meter=self.meter,
            renewed=renewed,
        )

    async def granted(self, given: Mapping[str, str] | None = None) -> Granted:
        """Go through all steps of an authorisation."""
        authorisation = self.provider.authorisation
        progress: Progress = await authorisation.begin(given or self.given, self.context())
        for _ in range(MOST_STEPS):
            assert isinstance(progress, Success), progress
            if isinstance(progress.value, Granted):
                return progress.value
            answers = dict(self.answers) if isinstance(progress.value, Ask) else {}
            if isinstance(progress.value, Redirect):
                answers = {"code": "sandbox", "state": self.context().state}
            assert isinstance(progress.value, Redirect | Ask | Wait)
            progress = await authorisation.answer(progress.value.memory, answers, self.context())
        raise AssertionError("it never ends")

    async def fetch(
        self, credentials: Credentials, window: Window | None = None
    ) -> Result[Fetched, ProviderTrouble]:
        request = StatementRequest(account_keys=(), window=window or self.recent)
        return await self.provider.source.fetch(
            credentials, request, now=self.now, meter=self.meter
        )

    @property
    def recent(self) -> Window:
        """The days that are asked first."""
        today = self.now.date()
        return Window(today - (self.provider.capabilities.window_days - 1) * ONE_DAY, today)


def fetched(result: Result[Fetched, ProviderTrouble]) -> Fetched:
    assert isinstance(result, Success), result
    return result.value


def read(readers: list[StatementReader], content: bytes) -> StatementFile:
    """Read a document as an import does: by the first reader that recognises it."""
    reader = next(each for each in readers if each.recognises(content[:4096]))
    result = reader.read(content, NO_HINTS)
    assert isinstance(result, Success), result
    return result.value


class ProviderContract:
    def test_asks_for_distinct_fields(self, offered: Offered) -> None:
        names = [each.name for each in offered.provider.authorisation.fields]

        assert len(set(names)) == len(names)
        assert offered.given.keys() <= set(names)

    def test_its_history_is_read_within_a_day(self, offered: Offered) -> None:
        can = offered.provider.capabilities

        assert can.overlap_days >= 10
        assert can.history_days / can.window_days < can.requests_per_day

    async def test_refuses_what_is_nonsense(self, offered: Offered) -> None:
        for text in ("", "nonsense", "\0", "💶" * 1000, "aHR0cHM6Ly8xMjcuMC4wLjEvY2xhaW0="):
            given = {each.name: text for each in offered.provider.authorisation.fields}
            refused = await offered.provider.authorisation.begin(given, offered.context())
            known = not any(each for each in given.values())
            assert known or isinstance(refused, Failure)
            if isinstance(refused, Failure):
                assert isinstance(refused.error, AnswerRefused | ProviderTrouble)

    async def test_refuses_answers_to_what_it_did_not_ask(self, offered: Offered) -> None:
        for memory in (b"", b"\xff", b"[]", b"{}"):
            refused = await offered.provider.authorisation.answer(memory, {}, offered.context())
            assert isinstance(refused, Failure)

    async def test_shows_no_credentials(self, offered: Offered) -> None:
        granted = await offered.granted()

        assert granted.credentials.secret.decode() not in repr(granted)

    async def test_documents_are_of_reported_accounts_and_say_so(
        self, offered: Offered, readers: list[StatementReader]
    ) -> None:
        found = fetched(await offered.fetch((await offered.granted()).credentials))
        reported = {each.key: each for each in found.accounts}

        assert found.documents
        assert {each.account_key for each in found.documents} <= reported.keys()
        for document in found.documents:
            known = reported[document.account_key]
            (statement,) = read(readers, document.content).statements
            account = canonical(
                AccountReference(
                    kind=statement.account.kind,
                    number=known.number,
                    institution=known.institution,
                    currency=known.currency,
                )
            )
            assert statement.account == account
            assert statement.account.kind == known.kind
            assert document.window is not None
            assert offered.recent.covers(document.window)

    async def test_documents_without_news_are_known_by_their_fingerprints(
        self, offered: Offered
    ) -> None:
        credentials = (await offered.granted()).credentials
        first = fetched(await offered.fetch(credentials))
        offered.now += timedelta(minutes=5)
        second = fetched(await offered.fetch(credentials))
        offered.now += timedelta(days=9)
        third = fetched(await offered.fetch(credentials))

        prints = [
            {each.account_key: each.fingerprint for each in x.documents}
            for x in (first, second, third)
        ]
        assert prints[0] == prints[1]
        assert prints[0].keys() == prints[2].keys()
        assert prints[0] != prints[2]

    async def test_counts_requests_before_they_are_sent(self, offered: Offered) -> None:
        credentials = (await offered.granted()).credentials
        offered.meter.left = offered.meter.counted

        refused = await offered.fetch(credentials)

        assert isinstance(refused, Failure)
        assert refused.error.kind is TroubleKind.QUOTA

    async def test_credentials_that_are_none_need_a_person(self, offered: Offered) -> None:
        for secret in (b"", b"\xff", b"nonsense", b"{}", b"https://bank.example/"):
            refused = await offered.fetch(Credentials(secret))
            assert isinstance(refused, Failure)
            assert refused.error.kind.need is not None

    async def test_is_revoked_without_trouble(self, offered: Offered) -> None:
        await offered.provider.source.revoke(Credentials(b"nonsense"), meter=offered.meter)
