"""Hints on the command line for a file that leaves something undecided."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

QIF = "!Type:Bank\nD04/03/2026\nT-12.50\nPCoffee house\n^\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "march.qif"
    made.write_text(QIF)
    return made


def test_undecided_questions_are_asked_one_by_one(path: Path) -> None:
    with pytest.raises(CommandError, match="names no currency"):
        call_command("inspect_statement", str(path))
    with pytest.raises(CommandError, match="can be read in two ways"):
        call_command("inspect_statement", str(path), "--currency", "EUR")


@pytest.mark.parametrize(
    ("order", "day"), [("day_first", "2026-03-04"), ("month_first", "2026-04-03")]
)
def test_given_hints_are_used(
    path: Path, capsys: pytest.CaptureFixture[str], order: str, day: str
) -> None:
    call_command("inspect_statement", str(path), "--currency", "eur", "--date-order", order)

    output = capsys.readouterr().out
    assert day in output
    assert "-12.50 EUR" in output


class TestCsv:
    CARD = "Posted,Charge,Shop\n03/04/2026,12.50,Coffee house\n"
    ANSWERS = ("--currency", "EUR", "--charges-positive", "true", "--date-order", "day_first")

    @pytest.fixture
    def card(self, tmp_path: Path) -> Path:
        made = tmp_path / "card.csv"
        made.write_text(self.CARD)
        return made

    def test_a_question_names_the_flag_that_answers_it(self, card: Path) -> None:
        with pytest.raises(CommandError, match=r"--date-order day_first\|month_first"):
            call_command("inspect_statement", str(card), "--currency", "EUR")

    def test_questions_are_data_too(self, card: Path, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(CommandError):
            call_command("inspect_statement", str(card), "--format", "json")

        fields = {each["field"] for each in json.loads(capsys.readouterr().out)["questions"]}
        assert "date_order" in fields

    def test_a_profile_may_be_a_file(
        self, card: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        call_command("inspect_statement", str(card), *self.ANSWERS, "--format", "json")
        profile = json.loads(capsys.readouterr().out)["csv_profile"]
        saved = tmp_path / "profile.json"
        saved.write_text(json.dumps(profile))

        shared = ("--csv-profile-file", str(saved), "--currency", "EUR", "--format", "json")
        call_command("inspect_statement", str(card), *shared)

        found = json.loads(capsys.readouterr().out)
        assert found["csv_profile"] == profile
        assert [row["amount"] for row in found["statements"][0]["rows"]] == ["-12.50"]

    @pytest.mark.parametrize(
        ("flag", "message"),
        [
            (("--column", "colour=Shop"), "before the = may stand booking_date, "),
            (("--column", "amount="), "before the = may stand booking_date, "),
            (("--encoding", "rot13"), "not a known encoding"),
            (("--csv-profile-file", "missing.json"), "cannot be read"),
        ],
    )
    def test_a_flag_that_says_nothing_is_refused(
        self, card: Path, flag: tuple[str, str], message: str
    ) -> None:
        with pytest.raises(CommandError, match=message):
            call_command("inspect_statement", str(card), *flag)

    def test_a_file_that_is_no_profile_is_refused(self, card: Path, tmp_path: Path) -> None:
        saved = tmp_path / "profile.json"
        saved.write_text("{}")

        with pytest.raises(CommandError, match="not a CSV profile"):
            call_command("inspect_statement", str(card), "--csv-profile-file", str(saved))
