"""Names say what a thing is, and tests replace nothing."""

import ast
import re

import pytest

from tests.architecture.source import EVERYTHING, Module, modules

EMPTY_WORDS = ("Protocol", "Impl", "Handler", "Manager", "Service", "Util", "Utils", "Helper")
SUFFIX = re.compile(rf"({'|'.join(EMPTY_WORDS)})$")


def empty_names(module: Module) -> list[str]:
    """Find classes whose last word says nothing."""
    return [f"{module.at(c)} {c.name}" for c in module.classes() if SUFFIX.search(c.name)]


def mocks(module: Module) -> list[str]:
    """Find imports of what pretends to be something else."""
    return [
        module.at(node)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        and "mock" in re.findall(r"\w+", ast.unparse(node))
    ]


@pytest.fixture(scope="module")
def everything() -> list[Module]:
    return modules(*EVERYTHING)


def test_no_class_ends_in_an_empty_word(everything: list[Module]) -> None:
    assert [found for module in everything for found in empty_names(module)] == []


def test_nothing_is_mocked(everything: list[Module]) -> None:
    assert [found for module in everything for found in mocks(module)] == []


class TestTheGuardItself:
    def test_sees_an_empty_word(self) -> None:
        module = Module("domain/x.py", "class User: ...\nclass UserManager: ...\n")

        assert empty_names(module) == ["domain/x.py:2 UserManager"]

    @pytest.mark.parametrize(
        "text",
        ["import unittest.mock", "from unittest import mock", "from unittest.mock import patch"],
    )
    def test_sees_a_mock(self, text: str) -> None:
        assert mocks(Module("tests/x.py", text)) == ["tests/x.py:1"]
