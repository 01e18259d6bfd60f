"""Code stays small: the budgets of docs/contributing.md."""

import ast
from collections.abc import Iterable, Sequence
from math import ceil
from statistics import median

import pytest

from tests.architecture.source import EVERYTHING, PRODUCT, Module, length, modules

MODULE_LINES, MODULE_P95 = 400, 250
FUNCTION_LINES, FUNCTION_P95 = 50, 25
DOCSTRING_SHARE = (0.05, 0.12)
TESTS_TO_CODE = 1.0
MODULE_DOTS = 3


def percentile_95(figures: Sequence[int]) -> int:
    """Return the figure that 95 of 100 do not pass; nothing is small."""
    ordered = sorted(figures)
    return ordered[ceil(0.95 * len(ordered)) - 1] if ordered else 0


def middle(figures: Sequence[int]) -> float:
    return median(figures) if figures else 0


def module_lengths(sources: Iterable[Module]) -> list[tuple[int, str]]:
    """Return modules that hold something, longest first."""
    return sorted(((m.lines, m.path) for m in sources if m.lines), reverse=True)


def function_lengths(sources: Iterable[Module]) -> list[tuple[int, str]]:
    """Return functions, longest first."""
    found = ((length(f), f"{m.at(f)} {f.name}") for m in sources for f in m.functions())
    return sorted(found, reverse=True)


def longer_than(limit: int, lengths: Iterable[tuple[int, str]]) -> list[str]:
    return [f"{where}: {lines} lines" for lines, where in lengths if lines > limit]


def figures(lengths: Iterable[tuple[int, str]]) -> list[int]:
    return [lines for lines, _ in lengths]


def docstring_share(sources: Sequence[Module]) -> float:
    total = sum(module.lines for module in sources)
    return sum(sum(module.docstrings()) for module in sources) / total if total else 0


def written_lines(sources: Iterable[Module]) -> int:
    """Count lines that are not blank."""
    return sum(bool(line.strip()) for module in sources for line in module.text.splitlines())


def deep_imports(module: Module) -> list[str]:
    """Find imports of ours whose path is too long to say; a package may reach into itself."""
    package = module.name if module.path.endswith("__init__.py") else module.name.rpartition(".")[0]
    return [
        f"{module.at(node)} {node.module}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom)
        and node.module
        and node.module.startswith(EVERYTHING)
        and node.module.count(".") > MODULE_DOTS
        and not node.module.startswith(package)
    ]


@pytest.fixture(scope="module")
def product() -> list[Module]:
    return modules(*PRODUCT)


@pytest.fixture(scope="module")
def everything() -> list[Module]:
    return modules(*EVERYTHING)


class TestBudgets:
    def test_no_module_is_too_long(self, everything: list[Module]) -> None:
        assert longer_than(MODULE_LINES, module_lengths(everything)) == []

    def test_modules_are_short_as_a_rule(self, product: list[Module]) -> None:
        lengths = module_lengths(product)

        long = longer_than(MODULE_P95, lengths)
        assert percentile_95(figures(lengths)) <= MODULE_P95, f"shorten some of {long}"

    def test_no_function_is_too_long(self, everything: list[Module]) -> None:
        assert longer_than(FUNCTION_LINES, function_lengths(everything)) == []

    def test_functions_are_short_as_a_rule(self, product: list[Module]) -> None:
        lengths = function_lengths(product)

        long = longer_than(FUNCTION_P95, lengths)
        assert percentile_95(figures(lengths)) <= FUNCTION_P95, f"shorten some of {long}"

    def test_docstrings_say_what_matters_and_no_more(self, product: list[Module]) -> None:
        least, most = DOCSTRING_SHARE

        assert least <= docstring_share(product) <= most

    def test_docstrings_take_one_line_as_a_rule(self, product: list[Module]) -> None:
        assert middle([lines for module in product for lines in module.docstrings()]) <= 1

    def test_there_is_as_much_test_as_code(self, product: list[Module]) -> None:
        tests, code = written_lines(modules("tests")), written_lines(product)

        assert tests >= TESTS_TO_CODE * code, f"{tests} lines of tests for {code} of code"

    def test_imports_can_be_read_aloud(self, everything: list[Module]) -> None:
        assert [found for module in everything for found in deep_imports(module)] == []


class TestTheGuardItself:
    LONG = Module("domain/long.py", "def long() -> None:\n" + "    print()\n" * 50)

    def test_sees_a_long_module(self) -> None:
        assert longer_than(50, module_lengths([self.LONG])) == ["domain/long.py: 51 lines"]

    def test_sees_a_long_function(self) -> None:
        lengths = function_lengths([self.LONG])

        assert longer_than(50, lengths) == ["domain/long.py:1 long: 51 lines"]

    def test_counts_every_line_of_a_docstring(self) -> None:
        module = Module("domain/told.py", '"""One.\n\nThree.\n"""\n\n\nX = 1\nY = 2\n')

        assert list(module.docstrings()) == [4]
        assert docstring_share([module]) == 0.5

    def test_does_not_count_blank_lines(self) -> None:
        assert written_lines([Module("domain/thin.py", "X = 1\n\n\n  \nY = 2\n")]) == 2

    def test_takes_the_percentile_that_was_reached(self) -> None:
        assert percentile_95(range(1, 101)) == 95
        assert percentile_95([]) == 0

    def test_sees_a_deep_import(self) -> None:
        text = "from domain.b.c.d.e import f\nfrom domain.b.c.d import g\nfrom a.b.c.d.e import f\n"

        assert deep_imports(Module("tests/x.py", text)) == ["tests/x.py:1 domain.b.c.d.e"]
        assert deep_imports(Module("domain/b/c/d/__init__.py", text)) == []
