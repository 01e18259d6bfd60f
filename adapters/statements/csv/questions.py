"""The questions about a CSV file: each names the columns that it is about."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from adapters.statements.csv.records import Table
from adapters.statements.questions import shown
from domain.ledger.hints import CsvColumn
from domain.ledger.questions import Asked, Question, column_field

# So many columns are written out in a sentence, and so many values of several columns are shown.
_WRITTEN, _VALUES = 12, 2


def label(table: Table, at: int) -> str:
    """Return what a column is called: its heading if no other has it, or else `#3`."""
    name = table.header[at].strip() if at < len(table.header) else ""
    return name if name and table.headings[name] == 1 else f"#{at + 1}"


def which(
    table: Table, role: CsvColumn, options: Sequence[int], likeliest: int | None = None
) -> Question:
    """Ask which column has a role: one of the options, or any if there are none."""
    name = role.replace("_", " ")
    reason = f"It is not clear which column of the file holds the {name}: say which one."
    return _choice(table, role, reason, options, likeliest)


def own_account(table: Table, options: Sequence[int]) -> Question:
    """Ask whether a column names the own account, rather than that of the other side."""
    reason = "It is not clear whether a column names your own account: say so, or name the account."
    return _choice(table, CsvColumn.ACCOUNT, reason, options, options[0])


def account_below(line: str) -> Question:
    """Ask for the account of the rows below a line that may begin those of another account."""
    reason = (
        f"The line “{_cut(line)}” may begin the rows of another account: say which one they are of."
    )
    return Question(field=Asked.ACCOUNT, reason=reason, examples=[_cut(line)])


def which_of_one_name(table: Table, role: CsvColumn, options: Sequence[int]) -> Question:
    """Ask which of the columns with the same heading counts."""
    reason = f"Several columns are called “{_cut(table.header[options[0]])}”: say which one counts."
    return _choice(table, role, reason, options)


def unknown_heading(table: Table, role: CsvColumn, heading: str) -> Question:
    """Ask again after an answer that is no column of the file."""
    return _choice(table, role, f"The file has no column “{_cut(heading)}”: say which one it is.")


def other_values(table: Table, role: CsvColumn, at: int, options: Sequence[int]) -> Question:
    """Ask again after an answer that is a column of something else."""
    reason = f"{_quoted(table, at)} is not a column of the {role.replace('_', ' ')}: say which one."
    return _choice(table, role, reason, options)


def unreadable(table: Table, role: CsvColumn, at: int) -> str:
    """Say that no value of a column can be read, after an answer for which there is no other."""
    form = "a date" if role.endswith("_date") else "an amount"
    value = shown(list(table.values(at)))[0]
    return f"No value of {_quoted(table, at)} can be read as {form}: the first is “{value}”."


def contradiction(table: Table) -> Question:
    """Ask again after an answer of an amount beside debits or credits."""
    reason = "Say which column holds the amount, or which hold debits and credits, but not both."
    return _choice(table, CsvColumn.AMOUNT, reason)


def about(question: Question, table: Table, columns: Iterable[int]) -> Question:
    """Return a question that names the columns that it is about."""
    places = sorted(set(columns))
    if not places:
        return question
    examples = list(question.examples) or _examples(table, places)
    named = ", ".join(_quoted(table, at) for at in places[:_WRITTEN])
    values = f": {', '.join(examples)}" if examples else ""
    return replace(
        question,
        reason=f"{question.reason} It is about {named}{values}.",
        columns=[label(table, at) for at in places],
        examples=examples,
    )


def _choice(
    table: Table,
    role: CsvColumn,
    reason: str,
    options: Sequence[int] = (),
    likeliest: int | None = None,
) -> Question:
    places = list(options) or list(range(table.width))
    named = [f"{_quoted(table, at)}{_first_value(table, at)}" for at in places[:_WRITTEN]]
    listed = ", ".join([*named, *(["…"] if len(places) > _WRITTEN else [])])
    likely = f"It may be {listed}." if options else f"The columns are {listed}."
    labels = [label(table, at) for at in places]
    return Question(
        field=column_field(role),
        reason=f"{reason} {likely}",
        options=labels,
        suggestion=None if likeliest is None else label(table, likeliest),
        columns=labels,
        examples=_examples(table, places),
    )


def _quoted(table: Table, at: int) -> str:
    name = table.header[at].strip() if at < len(table.header) else ""
    number = label(table, at)
    if number == name:
        return f"“{_cut(name)}”"
    return f"“{_cut(name)}” {number}" if name else f"column {number}"


def _first_value(table: Table, at: int) -> str:
    values = shown(list(table.values(at))[:1])
    return f" ({values[0]})" if values else ""


def _examples(table: Table, places: Sequence[int]) -> list[str]:
    most = _VALUES if len(places) > 1 else None
    return shown([value for at in places for value in list(table.values(at))[:most]])


def _cut(text: str) -> str:
    return text.strip()[:40]
