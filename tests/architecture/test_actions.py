"""Actions are used, and recorded with the details that they have."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module

from domain.shared.events import Action
from tests.architecture.source import PRODUCT, Module, modules

#: The keys of every record, whatever its action.
ALWAYS = ["subject_id", "actor", "occurred_at"]


def lists() -> list[Module]:
    return [module for module in modules("domain") if module.name.endswith(".actions")]


def constants() -> dict[str, Action]:
    """Return the actions of all features, by the names of their constants."""
    found = (item for each in lists() for item in vars(import_module(each.name)).items())
    return {name: value for name, value in found if isinstance(value, Action)}


def wrong_records(tree: ast.AST, actions: Mapping[str, Action]) -> Iterator[str]:
    """Yield calls of `record` whose keywords are not those of the action, in order."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(ast.Attribute(ast.Name(name), "record"), [], keywords) if name in actions:
                if [each.arg for each in keywords] != [*ALWAYS, *actions[name].details]:
                    yield f"{name}, line {node.lineno}"


def unused(trees: Iterable[ast.AST], actions: Iterable[str]) -> set[str]:
    """Return the actions that are imported nowhere."""
    nodes = (node for tree in trees for node in ast.walk(tree))
    imports = (node for node in nodes if isinstance(node, ast.ImportFrom))
    return set(actions) - {alias.name for node in imports for alias in node.names}


def test_records_have_the_details_of_their_action() -> None:
    actions = constants()

    assert [w for each in modules(*PRODUCT) for w in wrong_records(each.tree, actions)] == []


def test_every_action_is_used() -> None:
    assert constants()
    assert unused((each.tree for each in modules(*PRODUCT)), constants()) == set()


class TestTheGuardItself:
    VIEWED = constants()["ACCOUNTS_VIEWED"]

    def test_finds_a_missing_or_misspelt_detail(self) -> None:
        right = "VIEWED.record(subject_id=None, actor=a, occurred_at=now, count=1)"
        wrong = [right.replace("count", "counts"), right.replace(", count=1", "")]

        assert not list(wrong_records(ast.parse(right), {"VIEWED": self.VIEWED}))
        assert [
            list(wrong_records(ast.parse(each), {"VIEWED": self.VIEWED})) for each in wrong
        ] == [
            ["VIEWED, line 1"],
            ["VIEWED, line 1"],
        ]

    def test_finds_an_unused_action(self) -> None:
        tree = ast.parse("from domain.ledger.actions import VIEWED")

        assert unused([tree], ["VIEWED", "FORGOTTEN"]) == {"FORGOTTEN"}
