"""Rows that may be known transactions in other words: suggested, and decided about for good."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from dashtam.application.ledger.import_pipeline import ImportPipeline
from dashtam.application.ledger.matches import DecideMatch, ListMatches
from dashtam.application.ledger.transactions import DeleteTransaction
from dashtam.application.ledger.undo_import import UndoImport
from domain.ledger.entities import Transaction
from domain.ledger.errors import MatchIsDecided, MatchNotFound, NotAMatch
from domain.ledger.imports import ImportRequest, StatementImport
from domain.ledger.suggested_matches import MatchDecision, MatchStatus, SuggestedMatch
from domain.ledger.values import Reconciliation, Removal
from domain.shared.ids import MatchId, UserId, new_id
from domain.shared.result import Failure, Result, Success
from tests.application.conftest import Application
from tests.statements import transaction
from tests.suggested import COFFEE, FIRST, PAYMENT, SECOND, THIRD, before, file_of

CONFIRMED, REFUSED = MatchDecision
MISSING = Failure(MatchNotFound("No such match."))


@dataclass
class Person:
    """A user of the application."""

    app: Application
    id: UserId = field(default_factory=lambda: UserId(new_id()))

    def request(self, content: bytes) -> ImportRequest:
        return ImportRequest(user_id=self.id, file_name="march.ofx", content=content)

    async def imports(self, content: bytes) -> StatementImport:
        done = await self.app.use(ImportPipeline)(self.request(content))
        assert isinstance(done, Success)
        return done.value

    async def undoes(self, done: StatementImport) -> None:
        undone = await self.app.use(UndoImport)(import_id=done.id, user_id=self.id)
        assert isinstance(undone, Success)

    async def matches(
        self, status: MatchStatus = MatchStatus.SUGGESTED
    ) -> Sequence[SuggestedMatch]:
        page = await self.app.use(ListMatches)(user_id=self.id, status=status, after=None, limit=9)
        assert isinstance(page, Success)
        return page.value.items

    async def decides(
        self, match: SuggestedMatch, decision: MatchDecision = CONFIRMED
    ) -> Result[SuggestedMatch, object]:
        return await self.app.use(DecideMatch)(
            match_id=match.id, decision=decision, user_id=self.id
        )

    def state_of(self, done: StatementImport) -> Reconciliation:
        """Return how the ledger agrees now with the balance of an import."""
        return self.app.store.imports[done.id].statements[0].ledger.state

    @property
    def ledger(self) -> list[Transaction]:
        rows = self.app.store.transactions.values()
        return [row for row in rows if row.user_id == self.id and row.removal is None]

    @property
    def texts(self) -> set[str]:
        return {row.description for row in self.ledger}


@pytest.fixture
def ada(app: Application) -> Person:
    return Person(app)


async def suggested(ada: Person) -> tuple[StatementImport, StatementImport, SuggestedMatch]:
    """Import both files; return the imports and what they suggest."""
    first, second = await ada.imports(FIRST), await ada.imports(SECOND)
    (match,) = await ada.matches()
    return first, second, match


async def test_an_import_counts_what_it_suggests(ada: Person) -> None:
    first, second, match = await suggested(ada)

    counts = [(each.new, each.same, each.suggested) for each in (first, second)]
    assert counts == [(3, 0, 0), (1, 2, 1)]
    assert [each.suggested for each in second.statements] == [1]
    assert (match.existing.description, match.added.description) == ("Coffee house", "SumUp 4711")
    assert ada.app.trail[-1] == ("matches.viewed", "success")


async def test_a_preview_counts_and_suggests_nothing(ada: Person) -> None:
    await ada.imports(FIRST)

    preview = await ada.app.use(ImportPipeline).preview(ada.request(SECOND))

    assert isinstance(preview, Success)
    assert preview.value.outcome.suggested == 1
    assert await ada.matches() == []


async def test_an_import_of_the_same_rows_suggests_nothing_more(ada: Person) -> None:
    *_, match = await suggested(ada)

    again = await ada.imports(SECOND + b"\n")

    assert again.suggested == 0
    assert await ada.matches() == [match]


async def test_a_deleted_transaction_is_not_suggested(ada: Person) -> None:
    await ada.imports(FIRST)
    (coffee,) = [row for row in ada.ledger if row.description == "Coffee house"]
    deleted = await ada.app.use(DeleteTransaction)(transaction_id=coffee.id, user_id=ada.id)
    assert deleted == Success(None)

    assert (await ada.imports(SECOND)).suggested == 0
    assert await ada.matches() == []


class TestConfirmed:
    async def test_two_become_one(self, ada: Person) -> None:
        *_, match = await suggested(ada)

        done = await ada.decides(match)

        assert isinstance(done, Success)
        assert done.value.status is MatchStatus.CONFIRMED
        assert done.value.decided_at == ada.app.clock.now()
        assert ada.texts == {"Rent", "Coffee house", "Gas"}
        gone = ada.app.store.transactions[match.added.transaction_id]
        assert gone.removal is Removal.MERGED
        assert await ada.matches() == []
        assert await ada.matches(MatchStatus.CONFIRMED) == [done.value]

    async def test_the_decision_is_audited(self, ada: Person) -> None:
        *_, match = await suggested(ada)

        await ada.decides(match)

        assert ada.app.trail[-1] == ("match.decided", "success")
        assert ada.app.announced[-1] == "match.decided"
        assert ada.app.store.entries[-1].details == {
            "decision": "confirmed",
            "added_id": str(match.added.transaction_id),
            "existing_id": str(match.existing.transaction_id),
        }

    @pytest.mark.parametrize("content", [FIRST, SECOND])
    async def test_either_file_adds_nothing(self, ada: Person, content: bytes) -> None:
        *_, match = await suggested(ada)
        await ada.decides(match)
        # Other bytes, so that all rows are matched again.
        again = await ada.imports(content + b"\n")

        assert (again.new, again.same, again.suggested) == (0, 3, 0)
        assert len(ada.ledger) == 3

    async def test_undo_of_either_leaves_what_the_other_states(self, ada: Person) -> None:
        for first_undone, left in ((0, "SumUp 4711"), (1, "Coffee house")):
            someone = Person(ada.app)
            *imports, match = await suggested(someone)
            await someone.decides(match)

            await someone.undoes(imports[first_undone])
            assert someone.texts == {"Rent", left, "Gas"}
            assert len(someone.ledger) == 3
            await someone.undoes(imports[1 - first_undone])
            assert someone.ledger == []

    async def test_they_stay_one_when_both_come_again(self, ada: Person) -> None:
        first, second, match = await suggested(ada)
        await ada.decides(match)
        await ada.undoes(first)
        await ada.undoes(second)

        for content in (SECOND, FIRST):
            await ada.imports(content)

        assert ada.texts == {"Rent", "SumUp 4711", "Gas"}
        assert len(ada.ledger) == 3
        assert await ada.matches() == []

    async def test_a_third_file_is_suggested_to_be_the_one_that_is_left(self, ada: Person) -> None:
        *_, match = await suggested(ada)
        await ada.imports(THIRD)
        others = [each for each in await ada.matches() if each.id != match.id]

        await ada.decides(match)

        assert [each.existing for each in await ada.matches()] == [match.existing]
        assert [each.id for each in await ada.matches()] == [each.id for each in others]
        (left,) = await ada.matches()
        assert isinstance(await ada.decides(left), Success)
        assert len(ada.ledger) == 3


class TestRefused:
    async def test_both_stay(self, ada: Person) -> None:
        *_, match = await suggested(ada)

        done = await ada.decides(match, REFUSED)

        assert isinstance(done, Success)
        assert len(ada.ledger) == 4
        assert await ada.matches() == []
        assert await ada.matches(MatchStatus.REFUSED) == [done.value]

    @pytest.mark.parametrize("undone", [0, 1])
    async def test_it_is_not_suggested_again_after_undo(self, ada: Person, undone: int) -> None:
        *imports, match = await suggested(ada)
        await ada.decides(match, REFUSED)
        await ada.undoes(imports[undone])
        assert await ada.matches(MatchStatus.REFUSED) == []

        again = await ada.imports((FIRST, SECOND)[undone])

        assert again.suggested == 0
        assert await ada.matches() == []
        assert len(await ada.matches(MatchStatus.REFUSED)) == 1
        assert len(ada.ledger) == 4

    async def test_it_is_not_merged_even_when_nothing_else_fits(self, ada: Person) -> None:
        tea, coffee, cake = (
            transaction("-12.50", "20260303", name, name) for name in ("Tea", "Coffee", "Cake")
        )
        await ada.imports(file_of("A", tea))
        done = await ada.imports(file_of("B", coffee, cake))
        (match,) = await ada.matches()
        assert match.added.description == "Coffee"
        await ada.decides(match, REFUSED)
        await ada.undoes(done)

        again = await ada.imports(file_of("C", coffee))

        assert (again.new, again.suggested) == (1, 0)
        assert ada.texts == {"Rent", "Tea", "Coffee", "Gas"}


class TestDecisions:
    @pytest.mark.parametrize("decision", MatchDecision)
    async def test_are_the_same_when_repeated(self, ada: Person, decision: MatchDecision) -> None:
        *_, match = await suggested(ada)
        done = await ada.decides(match, decision)

        assert await ada.decides(match, decision) == done
        assert ada.app.trail[-2:] == [("match.decided", "success"), ("match.viewed", "success")]

    @pytest.mark.parametrize(("first", "second"), [(CONFIRMED, REFUSED), (REFUSED, CONFIRMED)])
    async def test_are_final(
        self, ada: Person, first: MatchDecision, second: MatchDecision
    ) -> None:
        *_, match = await suggested(ada)
        await ada.decides(match, first)
        count = len(ada.ledger)

        assert await ada.decides(match, second) == Failure(
            MatchIsDecided(f"You have already {first} this match for good.")
        )
        assert ada.app.trail[-1] == ("match.decide", "failure")
        assert len(ada.ledger) == count

    async def test_of_another_user_are_not_made(self, ada: Person) -> None:
        *_, match = await suggested(ada)
        eve = Person(ada.app)

        assert await eve.decides(match) == MISSING
        assert await eve.matches() == []
        unknown = MatchId(new_id())
        done = await ada.app.use(DecideMatch)(match_id=unknown, decision=CONFIRMED, user_id=ada.id)
        assert done == MISSING

    async def test_need_both_transactions(self, ada: Person) -> None:
        _, second, match = await suggested(ada)
        await ada.undoes(second)

        assert await ada.matches() == []
        assert await ada.decides(match) == MISSING

        assert (await ada.imports(SECOND)).suggested == 1
        assert await ada.matches() == [match]

    async def test_do_not_merge_what_one_statement_lists(self, ada: Person) -> None:
        *_, match = await suggested(ada)
        await ada.imports(file_of("E", COFFEE, PAYMENT))

        assert await ada.decides(match) == Failure(
            NotAMatch("One statement lists both transactions.")
        )
        assert len(ada.ledger) == 4


class TestReconciliation:
    @pytest.mark.parametrize(
        ("closing", "states", "announced"),
        [
            # The bank's balances say that the two are one, or that they are two.
            ("84.50", (Reconciliation.UNBALANCED, Reconciliation.BALANCED), 1),
            ("72.00", (Reconciliation.BALANCED, Reconciliation.UNBALANCED), 2),
        ],
    )
    async def test_a_merge_is_compared_with_the_balances(
        self, ada: Person, closing: str, states: tuple[Reconciliation, ...], announced: int
    ) -> None:
        await ada.imports(before("100.00"))
        done = await ada.imports(file_of("A", COFFEE, closing=closing))
        await ada.imports(SECOND)
        (match,) = await ada.matches()
        found = [ada.state_of(done)]

        await ada.decides(match)

        assert (*found, ada.state_of(done)) == states
        assert ada.app.announced.count("ledger.unbalanced") == announced
