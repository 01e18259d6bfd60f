"""Every event and every action has a name of its own: names are stored for years."""

import importlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from domain.shared.events import Action, DomainEvent
from tests.architecture.source import modules
from tests.architecture.test_pinned_names import actions

# Verbs whose past does not end in -ed.
IRREGULAR = {
    "begun",
    "found",
    "frozen",
    "held",
    "kept",
    "lost",
    "made",
    "met",
    "paid",
    "resent",
    "sent",
    "swept",
    "undone",
    "withdrawn",
}
WORDS = re.compile(r"[a-z]+(_[a-z]+)*")


def is_well_formed(name: str) -> bool:
    """Return whether the name is a noun, a point, and a verb in the past."""
    noun, _, verb = name.partition(".")
    if not (WORDS.fullmatch(noun) and WORDS.fullmatch(verb)):
        return False
    return any(word.endswith("ed") or word in IRREGULAR for word in verb.split("_"))


def repeated(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def subclasses(cls: type[DomainEvent]) -> Iterator[type[DomainEvent]]:
    for subclass in cls.__subclasses__():
        yield subclass
        yield from subclasses(subclass)


def events() -> list[type[DomainEvent]]:
    """Return every event of the domain, each module of it being loaded first."""
    for module in modules("domain"):
        importlib.import_module(module.name)
    return [event for event in subclasses(DomainEvent) if event.__module__.startswith("domain.")]


def audited() -> list[Action]:
    """Return every action: those of events, and those of the features' lists."""
    return [event.action() for event in events()] + actions()


def test_every_action_has_a_well_formed_name() -> None:
    wrong = [action.name for action in audited() if not is_well_formed(action.name)]

    assert events()
    assert actions()
    assert wrong == []


def test_no_two_actions_share_a_name() -> None:
    assert repeated(action.name for action in audited()) == []


class TestTheGuardItself:
    def test_accepts_well_formed_names(self) -> None:
        good = ("user.registered", "login.failed", "audit_trail.sealed", "letter.sent")

        assert [name for name in good if not is_well_formed(name)] == []

    def test_refuses_other_names(self) -> None:
        bad = ("", "user", "UserRegistered", "user.register", "user.", "a.b.c", "User.registered")

        assert [name for name in bad if is_well_formed(name)] == []

    def test_finds_a_duplicate_name(self) -> None:
        assert repeated(["user.registered", "login.failed", "user.registered"]) == [
            "user.registered"
        ]


def test_repeated_reads_are_counted() -> None:
    read = [action for action in actions() if action.name.endswith(".viewed")]

    assert read
    assert [action.name for action in read if not action.repeats] == []


def test_reads_are_not_announced() -> None:
    assert [event.name for event in events() if event.name.endswith(".viewed")] == []


def test_every_change_is_announced() -> None:
    repeated = {action.name for action in audited() if action.repeats}

    assert {name for name in repeated if not name.endswith(".viewed")} == {
        "letter.refused",
    }
