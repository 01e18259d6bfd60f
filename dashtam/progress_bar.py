"""A bar that shows how many rows of files are entered, where somebody looks."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from dashtam.console import console


class RowsBar:
    """One bar over the rows of all files: it grows with every file that is read."""

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
    """Show a bar while files are imported; in a file or a pipe there is none."""
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
