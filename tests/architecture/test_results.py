"""No awaited result is dropped: every caller has to look at it."""

import ast
import re
from collections.abc import Iterable

from tests.architecture.source import PRODUCT, Function, Module, modules

OUTCOMES = {"Result", "Success", "Failure"}


def returns_result(function: Function) -> bool:
    """Return whether the annotation is a result."""
    parts = ast.walk(function.returns) if function.returns else ()
    return any(isinstance(part, ast.Name) and part.id in OUTCOMES for part in parts)


def own_names(module: Module) -> set[str]:
    """Return the module's own functions and methods that return a result."""
    functions = {function.name for function in module.functions() if returns_result(function)}
    return functions - {"__call__"}


def shared_names(sources: Iterable[Module]) -> set[str]:
    """Return what others call to get a result: methods of ports, and use cases by their fields."""
    names: set[str] = set()
    for module in sources:
        names |= {name for name in own_names(module) if not name.startswith("_")}
        names |= {field_name(each) for each in module.classes() if is_use_case(each)}
    return names


def is_use_case(node: ast.ClassDef) -> bool:
    """Return whether calling an object of this class returns a result."""
    calls = (each for each in node.body if isinstance(each, Function) and each.name == "__call__")
    return any(returns_result(call) for call in calls)


def field_name(node: ast.ClassDef) -> str:
    """Return how fields of this class are named: `RegisterUser` is `register_user`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", node.name).lower()


def dropped(module: Module, names: set[str]) -> list[str]:
    """Find results that are awaited on a line of their own."""
    return [
        f"{module.at(node)} {called(node)}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Expr) and called(node) in names
    ]


def called(statement: ast.Expr) -> str | None:
    """Return the name of what is awaited here, if the statement does nothing else."""
    match statement.value:
        case ast.Await(value=ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name))):
            return name
        case _:
            return None


def test_no_result_is_ignored() -> None:
    shared = shared_names(modules("domain", "dashtam/application"))
    callers = modules(*PRODUCT)

    assert [found for m in callers for found in dropped(m, shared | own_names(m))] == []


class TestTheGuardItself:
    PORT = Module(
        "domain/ports.py",
        "class Users(Protocol):\n"
        "    async def add(self, user: User) -> Result[None, EmailTaken]: ...\n"
        "    async def close(self) -> None: ...\n"
        "class RegisterUser:\n"
        "    async def __call__(self) -> Result[User, EmailTaken]: ...\n",
    )

    def test_knows_ports_and_use_cases(self) -> None:
        assert shared_names([self.PORT]) == {"add", "register_user"}

    def test_finds_an_ignored_result(self) -> None:
        text = "async def f(self):\n    await self.users.add(user)\n    await register_user()\n"

        found = dropped(Module("dashtam/x.py", text), {"add", "register_user"})

        assert found == ["dashtam/x.py:2 add", "dashtam/x.py:3 register_user"]

    def test_accepts_a_result_that_is_used(self) -> None:
        text = (
            "async def f(self):\n"
            "    added = await self.users.add(user)\n"
            "    await self.users.close()\n"
            "    return await self.users.add(user)\n"
        )

        assert dropped(Module("dashtam/x.py", text), {"add"}) == []
