"""What begins the decimals of a file's amounts, where its format does not say it."""

from collections.abc import Iterable

from adapters.statements.amounts import DecimalMark, is_ambiguous, shown_marks
from adapters.statements.questions import shown
from domain.ledger.questions import Asked, Question


def decimal_mark(
    texts: Iterable[str], hint: str | None, *, point_is_certain: bool = False
) -> DecimalMark | Question:
    """Return what begins the decimals of a file's amounts; ask if nothing shows it.

    A hint decides only where the amounts show no mark, or contradict each other. Where
    `point_is_certain`, a point that may begin decimals does so unless a comma does.
    """
    amounts = set(texts)
    shown_ones = shown_marks(amounts)
    if len(shown_ones) == 1:
        return shown_ones.pop()
    if hint in (".", ","):
        return DecimalMark(hint)
    ambiguous = sorted(each for each in amounts if is_ambiguous(each))
    if point_is_certain and not shown_ones and not any("," in each for each in ambiguous):
        ambiguous = []
    if not ambiguous:
        return DecimalMark.UNKNOWN if shown_ones else DecimalMark.POINT
    return Question(
        field=Asked.DECIMAL_MARK,
        reason="The amounts of the file can be read in two ways: say what begins their decimals.",
        options=[".", ","],
        examples=shown(ambiguous),
    )
