"""Profiles of CSV files: saved, changed, deleted, and used by imports."""

from dataclasses import replace
from typing import Any

import pytest

from dashtam.application.ledger.csv_profiles import (
    ChangeCsvProfile,
    DeleteCsvProfile,
    DetectCsvProfile,
    ListCsvProfiles,
    SaveCsvProfile,
    ShowCsvProfile,
)
from dashtam.application.ledger.import_pipeline import ImportPipeline
from domain.ledger.errors import (
    CsvProfileExists,
    CsvProfileNotFound,
    HintNeeded,
    InvalidCsvProfile,
    StatementTooLarge,
    TooManyCsvProfiles,
    UnreadableStatement,
)
from domain.ledger.hints import CsvProfile, ReadingHints
from domain.ledger.imports import ImportRequest, StatementImport
from domain.ledger.profiles import MAX_PROFILES, SavedProfile
from domain.ledger.questions import Asked
from domain.shared.errors import Unavailable
from domain.shared.ids import ProfileId, UserId, new_id
from domain.shared.result import Failure, Result, Success
from tests.application.conftest import Application
from tests.csv_profiles import APRIL, CARD, MARCH, make_saved

ADA, BOB = UserId(new_id()), UserId(new_id())
HINTS = ReadingHints(currency="EUR", account="Card")
MISSING = Failure(CsvProfileNotFound("No such profile."))
OUTAGE = Failure(Unavailable("The database is not available."))


async def saved_by(
    app: Application, name: str = "My card", profile: CsvProfile = CARD, user_id: UserId = ADA
) -> SavedProfile:
    result = await app.use(SaveCsvProfile)(user_id=user_id, name=name, profile=profile)
    assert isinstance(result, Success), result
    return result.value


async def imported(
    app: Application, content: bytes, profile: SavedProfile | None = None
) -> Result[StatementImport, Any]:
    return await app.use(ImportPipeline)(
        ImportRequest(
            user_id=ADA,
            file_name="march.csv",
            content=content,
            hints=HINTS,
            csv_profile_id=profile.id if profile else None,
        )
    )


def amounts(app: Application) -> list[str]:
    return sorted(row.amount.digits for row in app.store.transactions.values())


class TestSaving:
    async def test_is_announced_and_listed(self, app: Application) -> None:
        saved = await saved_by(app)

        assert await app.use(ShowCsvProfile)(csv_profile_id=saved.id, user_id=ADA) == Success(saved)
        assert await app.use(ListCsvProfiles)(user_id=ADA) == Success([saved])
        assert app.announced == ["csv_profile.saved"]
        assert app.trail == [
            ("csv_profile.saved", "success"),
            ("csv_profile.viewed", "success"),
            ("csv_profiles.viewed", "success"),
        ]

    async def test_audit_entries_have_no_content(self, app: Application) -> None:
        saved = await saved_by(app)
        await app.use(ChangeCsvProfile)(
            csv_profile_id=saved.id, user_id=ADA, name="Another", profile=CARD
        )
        await app.use(DeleteCsvProfile)(csv_profile_id=saved.id, user_id=ADA)

        assert [entry.details for entry in app.store.entries] == [{}, {}, {}]
        assert app.announced == [f"csv_profile.{what}" for what in ("saved", "changed", "deleted")]

    async def test_refuses_a_duplicate_name(self, app: Application) -> None:
        await saved_by(app)
        await saved_by(app, user_id=BOB)
        second = await saved_by(app, "Second")
        refusal = Failure(CsvProfileExists("There is already a profile with this name."))

        assert await app.use(SaveCsvProfile)(user_id=ADA, name="My card", profile=CARD) == refusal
        assert (
            await app.use(ChangeCsvProfile)(
                csv_profile_id=second.id, user_id=ADA, name="My card", profile=CARD
            )
            == refusal
        )
        assert app.trail[-2:] == [
            ("csv_profile.save", "failure"),
            ("csv_profile.change", "failure"),
        ]
        assert app.store.csv_profiles[second.id] == second

    async def test_refuses_a_profile_without_required_columns(self, app: Application) -> None:
        saved, useless = await saved_by(app), replace(CARD, decimal_mark="x")
        results = [
            await app.use(SaveCsvProfile)(user_id=ADA, name="x", profile=useless),
            await app.use(ChangeCsvProfile)(
                csv_profile_id=saved.id, user_id=ADA, name="x", profile=useless
            ),
        ]

        message = "The profile's decimal mark must be a point or a comma."
        assert results == [Failure(InvalidCsvProfile(message))] * 2
        assert list(app.store.csv_profiles.values()) == [saved]

    async def test_has_a_maximum_number(self, app: Application) -> None:
        for number in range(MAX_PROFILES):
            await saved_by(app, str(number))

        more = await app.use(SaveCsvProfile)(user_id=ADA, name="more", profile=CARD)

        message = "You may have at most 100 profiles. Delete one first."
        assert more == Failure(TooManyCsvProfiles(message))
        await saved_by(app, user_id=BOB)

    async def test_cannot_be_found_by_another_user(self, app: Application) -> None:
        theirs = (await saved_by(app, user_id=BOB)).id

        results: list[object] = [
            await app.use(ShowCsvProfile)(csv_profile_id=theirs, user_id=ADA),
            await app.use(ChangeCsvProfile)(
                csv_profile_id=theirs, user_id=ADA, name="x", profile=CARD
            ),
            await app.use(DeleteCsvProfile)(csv_profile_id=theirs, user_id=ADA),
        ]

        assert results == [MISSING] * 3
        assert await app.use(ListCsvProfiles)(user_id=ADA) == Success([])
        refused = [e for e in app.store.entries if e.result == "failure"]
        assert [(e.action, e.resource_id) for e in refused] == [
            (f"csv_profile.{what}", theirs) for what in ("view", "change", "delete")
        ]

    @pytest.mark.parametrize(
        ("method", "indexes"),
        [
            ("all", [0, 2, 4]),
            ("get", [1, 3, 5, 6]),
            ("add", [2]),
            ("change", [3]),
            ("delete", [6]),
        ],
    )
    async def test_an_outage_is_reported(
        self, app: Application, monkeypatch: pytest.MonkeyPatch, method: str, indexes: list[int]
    ) -> None:
        saved = await saved_by(app)

        async def fail(*args: object, **kwargs: object) -> object:
            return OUTAGE

        monkeypatch.setattr(app.world.csv_profiles, method, fail)
        one: dict[str, Any] = {"csv_profile_id": saved.id, "user_id": ADA}
        results: list[object] = [
            await app.use(ListCsvProfiles)(user_id=ADA),
            await app.use(ShowCsvProfile)(**one),
            await app.use(SaveCsvProfile)(user_id=ADA, name="x", profile=CARD),
            await app.use(ChangeCsvProfile)(**one, name="y", profile=CARD),
            await imported(app, MARCH),
            await imported(app, MARCH, saved),
            await app.use(DeleteCsvProfile)(**one),
        ]

        assert [index for index, result in enumerate(results) if result == OUTAGE] == indexes
        outages = [each for each in app.store.entries if each.details == {"error": "unavailable"}]
        assert len(outages) == len(indexes)


class TestReading:
    async def test_profiles_are_tried_until_one_fits(self, app: Application) -> None:
        result = await imported(app, MARCH)
        assert isinstance(result, Failure)
        assert isinstance(result.error, HintNeeded)
        await saved_by(app)

        first, second = await imported(app, MARCH), await imported(app, APRIL)

        assert isinstance(first, Success)
        assert isinstance(second, Success)
        assert first.value.hints.csv_profile == CARD
        assert amounts(app) == ["-12.50", "-2.50", "-7.25"]

    async def test_uses_the_profile_that_is_chosen(self, app: Application) -> None:
        other = await saved_by(app, "a", replace(CARD, charges_positive=False))
        chosen = await saved_by(app, "b")

        assert isinstance(await imported(app, MARCH, chosen), Success)
        assert amounts(app) == ["-12.50", "-2.50"]
        assert isinstance(await imported(app, APRIL, other), Success)
        assert amounts(app) == ["-12.50", "-2.50", "7.25"]

    async def test_never_uses_another_users_profile(self, app: Application) -> None:
        theirs = await saved_by(app, user_id=BOB)

        assert isinstance(await imported(app, MARCH), Failure)
        assert await imported(app, MARCH, theirs) == MISSING
        missing = make_saved(ADA)
        assert await imported(app, MARCH, missing) == MISSING
        assert app.store.imports == {}

    async def test_refuses_a_profile_with_another_header(self, app: Application) -> None:
        other = await saved_by(app, profile=replace(CARD, header=("Datum", "Betrag", "Name")))

        message = "The file has another header than its profile."
        assert await imported(app, MARCH, other) == Failure(UnreadableStatement(message))

    async def test_a_preview_shows_the_profile(self, app: Application) -> None:
        await saved_by(app)

        result = await app.use(ImportPipeline).preview(
            ImportRequest(user_id=ADA, file_name="x", content=MARCH, hints=HINTS)
        )

        assert isinstance(result, Success)
        assert result.value.outcome.hints.csv_profile == CARD
        theirs = await app.use(ImportPipeline).preview(
            ImportRequest(
                user_id=BOB, file_name="x", content=MARCH, csv_profile_id=ProfileId(new_id())
            )
        )
        assert theirs == MISSING


class TestDetecting:
    async def test_stores_nothing(self, app: Application) -> None:
        hints = replace(HINTS, date_order=CARD.date_order, charges_positive=True)

        result = await app.use(DetectCsvProfile)(user_id=ADA, content=MARCH, hints=hints)

        assert isinstance(result, Success)
        assert result.value.profile == CARD
        assert [row.amount.digits for row in result.value.rows] == ["-12.50", "-2.50"]
        assert app.store.csv_profiles == {}
        (entry,) = app.store.entries
        assert (entry.action, entry.details) == ("csv_profile.detected", {"open": False})
        assert app.announced == []

    async def test_lists_what_is_undecided(self, app: Application) -> None:
        result = await app.use(DetectCsvProfile)(user_id=ADA, content=MARCH)

        assert isinstance(result, Success)
        assert [each.field for each in result.value.questions] == [
            *(Asked.DATE_ORDER, Asked.CHARGES_POSITIVE, Asked.CURRENCY, Asked.ACCOUNT)
        ]
        assert app.store.entries[0].details == {"open": True}

    @pytest.mark.parametrize(
        ("content", "error"),
        [
            (b" ", UnreadableStatement("The file is empty.")),
            (b"x" * 100_001, StatementTooLarge("A file has at most 100,000 bytes.")),
            (b"<OFX>", UnreadableStatement("The file is not CSV.")),
        ],
    )
    async def test_refuses_a_file_that_is_not_csv(
        self, app: Application, content: bytes, error: object
    ) -> None:
        assert await app.use(DetectCsvProfile)(user_id=ADA, content=content) == Failure(error)
        assert app.trail == [("csv_profile.detect", "failure")]
