"""All use cases, as the guards look at them."""

import importlib
import inspect
from collections.abc import Iterator
from dataclasses import is_dataclass

from tests.architecture.source import modules


def use_cases() -> list[type]:
    """Return every class that is bound: the dataclasses of the application that do something."""
    found = {each for module in modules("dashtam/application") for each in _classes(module.name)}
    return sorted(
        filter(_does_something, found), key=lambda each: (each.__qualname__, each.__module__)
    )


def _classes(module: str) -> Iterator[type]:
    for each in vars(importlib.import_module(module)).values():
        is_ours = isinstance(each, type) and each.__module__ == module and is_dataclass(each)
        if is_ours and not inspect.isabstract(each):
            yield each


def _does_something(kind: type) -> bool:
    methods = {name: each for base in kind.__mro__[:-1] for name, each in vars(base).items()}
    return "__call__" in methods or any(map(inspect.iscoroutinefunction, methods.values()))
