"""Code stays small: the budgets of docs/contributing.md."""

import ast
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from math import ceil
from statistics import median

import pytest

from tests.architecture.source import EVERYTHING, PRODUCT, ROOT, Module, length, modules

MODULE_LINES, TEST_MODULE_LINES = 400, 800
FUNCTION_LINES, FUNCTION_P95 = 40, 20
COMPLEXITY = 8
IMPORT_DEPTH = 16
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
    """Return non-empty modules, longest first."""
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


def imports_of(module: Module, names: frozenset[str]) -> set[str]:
    """Return which of these modules a module imports, wherever it does so when it runs."""
    found: set[str] = set()
    for node in _running(module.tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            members = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= members & names
            found |= {node.module} if members - names else set()
    return (found & names) - {module.name}


def _running(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and all within it, but for what only type checkers see."""
    if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _running(child)


def import_graph(sources: Sequence[Module]) -> dict[str, set[str]]:
    names = frozenset(module.name for module in sources)
    return {module.name: imports_of(module, names) for module in sources}


def cycle_in(graph: Mapping[str, set[str]]) -> list[str]:
    """Return modules that import each other in a circle, or nothing."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        cycle: list[str] = error.args[1]
        return cycle
    return []


def longest_path(graph: Mapping[str, set[str]]) -> list[str]:
    """Return the longest chain of modules, each of which imports the next."""
    paths: dict[str, list[str]] = {}
    for name in TopologicalSorter(graph).static_order():
        paths[name] = [
            name,
            *max((paths[each] for each in sorted(graph[name])), key=len, default=[]),
        ]
    return max(paths.values(), key=len, default=[])


@pytest.fixture(scope="module")
def product() -> list[Module]:
    return modules(*PRODUCT)


@pytest.fixture(scope="module")
def everything() -> list[Module]:
    return modules(*EVERYTHING)


class TestBudgets:
    def test_no_module_is_too_long(self, product: list[Module], everything: list[Module]) -> None:
        assert longer_than(MODULE_LINES, module_lengths(product)) == []
        assert longer_than(TEST_MODULE_LINES, module_lengths(everything)) == []

    def test_no_function_is_too_long(self, everything: list[Module]) -> None:
        assert longer_than(FUNCTION_LINES, function_lengths(everything)) == []

    def test_most_functions_are_short(self, product: list[Module]) -> None:
        lengths = function_lengths(product)

        long = longer_than(FUNCTION_P95, lengths)
        assert percentile_95(figures(lengths)) <= FUNCTION_P95, f"shorten some of {long}"

    def test_docstrings_are_neither_rare_nor_long(self, product: list[Module]) -> None:
        least, most = DOCSTRING_SHARE

        assert least <= docstring_share(product) <= most

    def test_most_docstrings_have_one_line(self, product: list[Module]) -> None:
        assert middle([lines for module in product for lines in module.docstrings()]) <= 1

    def test_tests_are_at_least_as_long_as_the_code(self, product: list[Module]) -> None:
        tests, code = written_lines(modules("tests")), written_lines(product)

        assert tests >= TESTS_TO_CODE * code, f"{tests} lines of tests for {code} of code"

    def test_there_are_no_import_cycles(self, product: list[Module]) -> None:
        assert cycle_in(import_graph(product)) == []

    def test_import_chains_are_short(self, product: list[Module]) -> None:
        path = longest_path(import_graph(product))

        assert len(path) <= IMPORT_DEPTH, "shorten " + " → ".join(path)

    def test_functions_are_not_complex(self) -> None:
        # Ruff counts: `make check` does not check what is outside the budget here.
        rules = tomllib.loads((ROOT / ".ci" / "ruff.toml").read_text(encoding="utf-8"))["lint"]

        assert "C90" in rules["select"]
        assert rules["mccabe"]["max-complexity"] == COMPLEXITY

    def test_import_chains_are_printed(self, everything: list[Module]) -> None:
        assert [found for module in everything for found in deep_imports(module)] == []


class TestTheGuardItself:
    LONG = Module("domain/long.py", "def long() -> None:\n" + "    print()\n" * 50)

    def test_finds_a_long_module(self) -> None:
        assert longer_than(50, module_lengths([self.LONG])) == ["domain/long.py: 51 lines"]

    def test_finds_a_long_function(self) -> None:
        lengths = function_lengths([self.LONG])

        assert longer_than(50, lengths) == ["domain/long.py:1 long: 51 lines"]

    def test_counts_every_line_of_a_docstring(self) -> None:
        module = Module("domain/told.py", '"""One.\n\nThree.\n"""\n\n\nX = 1\nY = 2\n')

        assert list(module.docstrings()) == [4]
        assert docstring_share([module]) == 0.5

    def test_does_not_count_blank_lines(self) -> None:
        assert written_lines([Module("domain/thin.py", "X = 1\n\n\n  \nY = 2\n")]) == 2

    def test_uses_the_percentile_that_was_reached(self) -> None:
        assert percentile_95(range(1, 101)) == 95
        assert percentile_95([]) == 0

    def test_finds_a_deep_import(self) -> None:
        text = "from domain.b.c.d.e import f\nfrom domain.b.c.d import g\nfrom a.b.c.d.e import f\n"

        assert deep_imports(Module("tests/x.py", text)) == ["tests/x.py:1 domain.b.c.d.e"]
        assert deep_imports(Module("domain/b/c/d/__init__.py", text)) == []

    def test_finds_cycles_and_deep_imports_inside_functions(self) -> None:
        sources = [
            Module("domain/a.py", "from domain import b\n"),
            Module("domain/b.py", "def late() -> None:\n    import domain.c\n"),
            Module("domain/c.py", "from domain.d import D\n"),
            Module("domain/d.py", "if TYPE_CHECKING:\n    from domain.a import A\n"),
        ]
        closing = Module("domain/d.py", "from domain.a import A\n")

        assert cycle_in(import_graph(sources)) == []
        assert longest_path(import_graph(sources)) == [f"domain.{each}" for each in "abcd"]
        assert set(cycle_in(import_graph([*sources[:3], closing]))) == set(import_graph(sources))
