"""What every implementation of `CsvProfileRepository` must do."""

from dataclasses import replace

from domain.ledger.errors import CsvProfileExists, CsvProfileNotFound
from domain.ledger.hints import CsvColumn, DateOrder
from domain.shared.ids import UserId, new_id
from domain.shared.result import Failure, Success
from tests.contracts.world import World
from tests.csv_profiles import CARD, make_saved

EVERYTHING = replace(
    CARD,
    delimiter="\t",
    encoding="cp1252",
    header_rows=7,
    header=("Päivä", "  Määrä (€) ", 'Sa"ys', ""),
    date_order=DateOrder.DAY_FIRST,
    decimal_mark=",",
    charges_positive=False,
    balance_signs=True,
    columns={CsvColumn.BOOKING_DATE: 0, CsvColumn.AMOUNT: 1, CsvColumn.BALANCE: 3},
)


class CsvProfileRepositoryContract:
    async def test_returns_what_was_saved(self, world: World) -> None:
        user = await world.user()
        for name, profile in (("My card", CARD), ("Päivä", EVERYTHING)):
            saved = replace(make_saved(user.id, name), profile=profile)

            assert await world.csv_profiles.add(saved) == Success(None)
            assert await world.csv_profiles.get(saved.id, owner=user.id) == Success(saved)

    async def test_lists_by_name(self, world: World) -> None:
        user = await world.user()
        saved = [make_saved(user.id, name) for name in ("b", "c", "a")]
        for each in saved:
            await world.csv_profiles.add(each)

        assert await world.csv_profiles.all(owner=user.id) == Success(
            [saved[2], saved[0], saved[1]]
        )

    async def test_a_name_is_unique_per_user(self, world: World) -> None:
        user, other = await world.user(), await world.user("bob@example.org")
        saved = make_saved(user.id)
        await world.csv_profiles.add(saved)

        repeated = await world.csv_profiles.add(make_saved(user.id))

        assert repeated == Failure(CsvProfileExists("There is already a profile with this name."))
        assert await world.csv_profiles.add(make_saved(other.id)) == Success(None)
        assert await world.csv_profiles.all(owner=user.id) == Success([saved])

    async def test_updates_name_and_content(self, world: World) -> None:
        user = await world.user()
        saved = make_saved(user.id)
        await world.csv_profiles.add(saved)
        changed = replace(saved, name="Another", profile=EVERYTHING)

        assert await world.csv_profiles.change(changed) == Success(None)
        assert await world.csv_profiles.all(owner=user.id) == Success([changed])
        # Under its own name it may stay.
        assert await world.csv_profiles.change(changed) == Success(None)

    async def test_refuses_a_duplicate_name(self, world: World) -> None:
        user = await world.user()
        first, second = make_saved(user.id, "a"), make_saved(user.id, "b")
        await world.csv_profiles.add(first)
        await world.csv_profiles.add(second)

        changed = await world.csv_profiles.change(replace(second, name="a"))

        assert changed == Failure(CsvProfileExists("There is already a profile with this name."))
        assert await world.csv_profiles.all(owner=user.id) == Success([first, second])

    async def test_deletes(self, world: World) -> None:
        user = await world.user()
        saved, other = make_saved(user.id, "a"), make_saved(user.id, "b")
        await world.csv_profiles.add(saved)
        await world.csv_profiles.add(other)

        assert await world.csv_profiles.delete(saved) == Success(None)
        assert await world.csv_profiles.all(owner=user.id) == Success([other])

    async def test_finds_nothing_of_another_user(self, world: World) -> None:
        user, stranger = await world.user(), UserId(new_id())
        saved = make_saved(user.id)
        await world.csv_profiles.add(saved)
        theirs = replace(saved, user_id=stranger)
        missing = Failure(CsvProfileNotFound("No such profile."))

        assert await world.csv_profiles.get(saved.id, owner=stranger) == missing
        assert await world.csv_profiles.change(theirs) == missing
        assert await world.csv_profiles.delete(theirs) == missing
        assert await world.csv_profiles.all(owner=stranger) == Success([])
        assert await world.csv_profiles.all(owner=user.id) == Success([saved])
