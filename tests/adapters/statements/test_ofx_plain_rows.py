"""A row of leaves alone is read at once, as it would be read tag by tag."""

from hypothesis import example, given
from hypothesis import strategies as st

from adapters.statements.ofx.reader import AGGREGATES, PARTS
from adapters.statements.ofx.text import tags
from tests.adapters.statements.ofx_reading import read
from tests.statements import ofx, statement

NAMES = st.sampled_from(
    ["TRNTYPE", "DTPOSTED", "TRNAMT", "FITID", "NAME", "MEMO", "MEMO2", "BANKACCTTO", "STMTTRN"]
)
VALUES = st.sampled_from(
    ["", "7", "20260301", "-1.50", "A & B", "A &amp; B", "3 < 4", "4 > 3", " x ", "\n", "\u00a0é"]
)
ENDS = st.sampled_from(["", "\n", "</{0}>", "</{0}>\n", "</NAME>", "</{0}>text", "\n</{0}>"])
LEAVES = st.lists(
    st.builds(lambda name, value, end: f"<{name}>{value}{end.format(name)}", NAMES, VALUES, ENDS),
    max_size=7,
).map("".join)
NEEDED = st.sampled_from(["<DTPOSTED>20260301<TRNAMT>-1\n", ""])
END = st.sampled_from(["", "</STMTTRN>"])
ROW = st.builds("<STMTTRN>{}{}{}\n".format, NEEDED, LEAVES, END)


# Each of these shows one reason to read a row tag by tag.
@example("<STMTTRN><DTPOSTED>20260301<TRNAMT>-1<NAME>A<NAME>B</STMTTRN>")
@example("<STMTTRN><DTPOSTED>20260301<TRNAMT>-1<BANKACCTTO><NAME>A</STMTTRN>")
@example("<STMTTRN><DTPOSTED>20260301<TRNAMT>-1<NAME>A &amp; B</STMTTRN>")
@example("<STMTTRN><DTPOSTED>20260301<TRNAMT>-1<NAME>3 > 2</STMTTRN>")
@example("<STMTTRN><DTPOSTED>20260301<STMTTRN><DTPOSTED>20260302<TRNAMT>-1</STMTTRN>")
@given(st.lists(ROW, max_size=4).map("".join))
def test_a_row_is_read_as_it_is_tag_by_tag(rows: str) -> None:
    # What is written in small letters is read tag by tag.
    small = rows.replace("<STMTTRN>", "<stmttrn>")

    assert read(ofx(statement(rows))) == read(ofx(statement(small)))


def test_a_plain_row_is_one_tag() -> None:
    text = "<STMTTRN>\n<FITID>1\n<MEMO></MEMO>\n<NAME> Shop </NAME>\n</STMTTRN>"

    (row,) = tags(text, AGGREGATES | PARTS)

    assert row.leaves == {"FITID": "1", "NAME": "Shop"}
