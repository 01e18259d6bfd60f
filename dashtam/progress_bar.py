"""A progress bar for imports."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from dashtam.console import console


class RowsBar:
    """One bar for the rows of all files: its total grows with every file that is read."""

    def __init__(self, shown: Progress) -> None:
        self._shown = shown
        self._rows = 0
        self._task = shown.add_task("Rows", total=None)

    async def begin(self, rows: int) -> None:
        self._rows += rows
        self._shown.update(self._task, total=self._rows)

    async def advance(self, rows: int) -> None:
        self._shown.update(self._task, advance=rows)


@contextmanager
def rows_bar() -> Iterator[RowsBar]:
    """Show a progress bar while files are imported, if the output is a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    shown = Progress(
        *columns,
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with shown:
        yield RowsBar(shown)
