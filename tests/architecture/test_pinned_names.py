"""Names that are stored or public are pinned: renaming a class changes none of them.

`pinned_names.txt` lists them all, with the keys of the details of audit entries. A name that is
stored is never renamed; a new one is added.
"""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from adapters.events import Subscription
from dashtam.application.query import audited_query
from dashtam.container import container
from domain.shared.errors import DomainError
from domain.shared.events import Action, DomainEvent, ResourceType
from tests.architecture.source import PRODUCT, modules

#: Decorators of use cases, with the name of the attempt first.
RECORD_FAILURES = ("audit_failures", "audited_query")
PINNED = Path(__file__).with_name("pinned_names.txt")


def subclasses(cls: type[Any]) -> Iterator[type[Any]]:
    """Yield what the product derives from a class, each module of it being loaded first."""
    for module in modules(*PRODUCT):
        if "DomainE" in module.text or "errors import" in module.text:
            import_module(module.name)
    yield from (each for each in _below(cls) if each.__module__.startswith(PRODUCT))


def _below(cls: type[Any]) -> Iterator[type[Any]]:
    for subclass in cls.__subclasses__():
        yield subclass
        yield from _below(subclass)


def without_a_code(errors: Iterable[type[DomainError]]) -> set[str]:
    """Return the errors that have no code, or only that of the class they derive from."""
    return {each.__qualname__ for each in errors if not isinstance(vars(each).get("code"), str)}


def repeated(subscriptions: Iterable[Subscription]) -> list[tuple[str, str]]:
    """Return what reacts to an event under the name of another: one of them never would."""
    pairs = Counter((each.event.name, each.consumer) for each in subscriptions)
    return [pair for pair, count in pairs.items() if count > 1]


def attempts(tree: ast.AST) -> Iterator[str]:
    """Yield the attempts whose failures a module records."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in RECORD_FAILURES:
            yield ast.literal_eval(node.args[0])


def actions() -> list[Action]:
    """Return every action of the features' lists."""
    lists = [each for each in modules("domain") if each.name.endswith(".actions")]
    values = [value for each in lists for value in vars(import_module(each.name)).values()]
    return [value for value in values if isinstance(value, Action)]


def with_details(action: Action) -> str:
    """Return the name of an action, and the keys of its details in order."""
    return ": ".join(filter(None, (action.name, ", ".join(action.details))))


def names() -> list[str]:
    """Return every name that is stored or public, with its kind."""
    consumers = {each.consumer for each in container.subscriptions}
    problems = {each.code for each in subclasses(DomainError)}
    events = {with_details(each.action()) for each in subclasses(DomainEvent)}
    audited = {with_details(each) for each in actions()}
    attempting = [each for each in modules("dashtam") if each.name != audited_query.__module__]
    attempted = {each for module in attempting for each in attempts(module.tree)}
    kinds = {
        "action": audited,
        "attempt": attempted,
        "consumer": consumers,
        "event": events,
        "problem": problems,
    }
    return sorted(f"{kind} {name}" for kind, found in kinds.items() for name in found)


def test_names_are_as_pinned() -> None:
    assert names() == PINNED.read_text(encoding="utf-8").splitlines()


def test_every_error_has_a_code_of_its_own() -> None:
    assert without_a_code(subclasses(DomainError)) == set()


def test_no_two_reactions_to_an_event_share_a_name() -> None:
    assert repeated(container.subscriptions) == []


class TestTheGuardItself:
    def test_finds_an_error_without_a_code(self) -> None:
        class Forgotten(DomainError):
            pass

        assert without_a_code([Forgotten]) == {Forgotten.__qualname__}

    def test_finds_a_reaction_without_subscription(self) -> None:
        one, other, *_ = container.subscriptions

        assert repeated([one, other]) == []
        assert repeated([one, other, one]) == [(one.event.name, one.consumer)]

    def test_finds_a_use_case_action(self) -> None:
        source = "@audit_failures('user.view', ResourceType.USER)\ndef show(): ..."

        assert list(attempts(ast.parse(source))) == ["user.view"]

    def test_finds_a_query_action(self) -> None:
        source = "@audited_query('user.view', USER_VIEWED)\ndef show(): ..."

        assert list(attempts(ast.parse(source))) == ["user.view"]

    def test_lists_details_in_order(self) -> None:
        action = Action("user.seen", ResourceType.USER, ("where", "count"))

        assert with_details(action) == "user.seen: where, count"
