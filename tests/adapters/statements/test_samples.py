"""Real bank files, if a collection of them is available."""

import re
from pathlib import Path

import pytest

from adapters.statements.ofx import OfxReader
from dashtam.container import container
from domain.shared.result import Success
from tests.adapters.statements.ofx_investments import file, investment, position
from tests.corpus import Survey, folder, samples, survey, table
from tests.statements import days, ofx, statement

WHOLE = {"camt": 1.0, "csv": 0.95, "qif": 1.0, "mt940": 0.98, "ofx": 0.98, "qfx": 0.98}


@pytest.fixture(scope="module")
def surveys() -> dict[str, Survey]:
    if not (folder() / "MANIFEST.csv").exists():
        pytest.skip("no collection of real statement files is here: CORPUS says where one is")
    return survey(folder(), container.ports.statement_readers)


@pytest.mark.parametrize("format", WHOLE)
def test_every_row_of_real_files_is_accepted_or_quarantined(
    surveys: dict[str, Survey], format: str
) -> None:
    assert surveys[format].files
    assert surveys[format].share >= WHOLE[format], surveys[format].missed


@pytest.mark.parametrize("format", WHOLE)
def test_real_files_ask_at_most_once(surveys: dict[str, Survey], format: str) -> None:
    assert set(surveys[format].rounds) <= {0, 1}
    assert surveys[format].refused == 0, surveys[format].missed


def test_every_position_of_real_files_is_read() -> None:
    if not (folder() / "MANIFEST.csv").exists():
        pytest.skip("no collection of real statement files is here: CORPUS says where one is")
    count = 0
    for path in {sample.path for sample in samples(folder()) if sample.reader == "ofx"}:
        content = path.read_bytes()
        positions = len(re.findall(rb"<POS(?:MF|STOCK|DEBT|OPT|OTHER)>", content, re.IGNORECASE))
        if not positions:
            continue
        result = OfxReader().read(content)
        assert isinstance(result, Success), path.name
        assert result.value.unread_holdings == (), path.name
        (parsed,) = result.value.statements
        assert len(parsed.holdings) == positions, path.name
        assert parsed.holdings_day is not None
        count += positions
    assert count


class TestSurvey:
    """The survey itself, on a collection of one's own."""

    @pytest.fixture
    def collection(self, tmp_path: Path) -> Path:
        (tmp_path / "march.ofx").write_bytes(ofx(statement(*days(3))))
        (tmp_path / "broken.ofx").write_bytes(b"<OFX>")
        (tmp_path / "MANIFEST.csv").write_text(
            "file,format,transactions\nmarch.ofx,ofx,3\nmarch.ofx,ofx,4\nbroken.ofx,ofx,1\nx,?,1\n"
        )
        return tmp_path

    def test_counts_complete_files_and_names_others(self, collection: Path) -> None:
        (one,) = survey(collection, container.ports.statement_readers).values()

        assert (one.files, one.whole, one.expected, one.accepted) == (3, 1, 8, 6)
        assert one.missed[0] == "march.ofx: 3 + 0 rows of 4"
        assert one.missed[1].startswith("broken.ofx: ")

    def test_counts_positions(self, tmp_path: Path) -> None:
        unread = position(units="many")
        (tmp_path / "broker.ofx").write_text(file(investment(positions=position() + unread)))
        (tmp_path / "MANIFEST.csv").write_text("file,format,transactions\nbroker.ofx,ofx,0\n")

        (one,) = survey(tmp_path, container.ports.statement_readers).values()

        assert (one.whole, one.positions) == (1, 1)
        assert one.missed == ["broker.ofx: 1 positions unread"]

    def test_is_printed(self, collection: Path) -> None:
        shown = table(survey(collection, container.ports.statement_readers))

        assert shown.row_count == 2
        assert [list(column.cells)[1] for column in shown.columns[:2]] == ["all", "3"]

    def test_counts_how_often_a_file_asks(self, tmp_path: Path) -> None:
        (tmp_path / "march.csv").write_text("Date,Amount\n03/04/2026,-1.50\n")
        (tmp_path / "MANIFEST.csv").write_text("file,format,transactions\nmarch.csv,csv,1\n")

        (one,) = survey(tmp_path, container.ports.statement_readers).values()

        assert (one.whole, one.refused) == (1, 0)
        assert sum(one.rounds.values()) == 1
        assert one.fields == {"date_order": 1, "currency": 1, "account_name": 1}
