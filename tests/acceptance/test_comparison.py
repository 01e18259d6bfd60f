"""The comparison of acceptance cases is tested too."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from tests.acceptance import __main__ as lane
from tests.acceptance.comparison import Outcome, Row, is_right, read_case

RIGHT = {
    "rows": [["2026-03-01", "-5.00", "EUR", {"text": "coffee"}]],
    "never": {"reconciliation": "unbalanced"},
}


def written(folder: Path, **changes: object) -> Path:
    document = {"kind": "A", "through": "api", "steps": [], "right": RIGHT, **changes}
    (folder / "case.json").write_text(json.dumps(document))
    return folder


def row(**changes: object) -> Row:
    columns = {"day": "2026-03-01", "amount": Decimal(-5), "currency": "EUR", "text": "A Coffee"}
    return Row(**{**columns, "status": "booked", "account": "", **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("got", "right"),
    [
        (Outcome(rows=[row()]), True),
        (Outcome(rows=[row(text="Tea")]), False),
        (Outcome(rows=[row(), row()]), False),
        (Outcome(rows=[row(status="pending")]), False),
        (Outcome(rows=[row()], reconciliations=["unbalanced"]), False),
        (Outcome(rows=[row()], is_refused=True), False),
        (Outcome(rows=[row()], crash="KeyError"), False),
    ],
)
def test_every_named_value_is_compared(tmp_path: Path, got: Outcome, right: bool) -> None:
    assert is_right(read_case(written(tmp_path)), got) is right


def test_an_unknown_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unknown words: colour"):
        read_case(written(tmp_path, right={"colour": "red"}))


def test_only_a_case_that_got_worse_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = tmp_path / "right.txt"
    listed.write_text("001-old\n900-elsewhere\n")
    monkeypatch.setattr(lane, "RIGHT", listed)
    cases = []
    for name in ("001-old", "002-new"):
        (tmp_path / name).mkdir()
        cases.append(read_case(written(tmp_path / name)))

    assert lane.report(cases, {"001-old"}, record=False) == 0
    assert lane.report(cases, {"001-old", "002-new"}, record=False) == 0
    assert "not yet listed: 002-new" in capsys.readouterr().out
    assert lane.report(cases, {"002-new"}, record=False) == 1
    assert "wrong now: 001-old" in capsys.readouterr().out

    assert lane.report(cases, {"002-new"}, record=True) == 0
    assert listed.read_text() == "002-new\n900-elsewhere\n"
