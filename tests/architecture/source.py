"""The project's own source as data, for the guards to look at."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("domain", "dashtam", "adapters")
EVERYTHING = (*PRODUCT, "benchmarks", "faults", "interop", "tests")

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Documented: TypeAlias = ast.Module | ast.ClassDef | Function


@dataclass(frozen=True)
class Module:
    """One source file: its path and its text."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        """Parsed anew each time: to hold the trees of all modules takes 150 MB."""
        return ast.parse(self.text)

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())

    @property
    def name(self) -> str:
        """The name it is imported by."""
        parts = Path(self.path).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def functions(self) -> Iterator[Function]:
        for node in ast.walk(self.tree):
            if isinstance(node, Function):
                yield node

    def classes(self) -> Iterator[ast.ClassDef]:
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef))

    def docstrings(self) -> Iterator[int]:
        """Yield how many lines each docstring has."""
        for node in ast.walk(self.tree):
            if isinstance(node, Documented) and ast.get_docstring(node) is not None:
                yield length(node.body[0])

    def at(self, node: ast.stmt) -> str:
        return f"{self.path}:{node.lineno}"


def length(node: ast.stmt) -> int:
    """Return how many lines a statement has."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def modules(*roots: str) -> list[Module]:
    """Return the modules of these packages, except migrations, which Django writes."""
    found = (path for root in roots for path in sorted((ROOT / root).rglob("*.py")))
    files = (path for path in found if ".venv" not in path.parts)
    return [
        Module(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
        for path in files
        if "migrations" not in path.parts
    ]
