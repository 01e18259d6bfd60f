"""Values of every kind, with a canary wherever a secret belongs."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from types import ModuleType
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel, SecretStr

from domain.connections.values import Credentials
from domain.identity.values import (
    Password,
    PasswordHash,
    RecoveryCode,
    Token,
    TokenDigest,
    TotpSecret,
)

CANARY = "canary-of-secrecy"
#: Whatever is of these types is a secret, and so is every `bytes`.
SECRETS = {PasswordHash, TokenDigest, Password, RecoveryCode, Token, TotpSecret, Credentials}
#: Plain text that is a secret has a name that says so.
SECRET_NAME = re.compile(r"(^|_)(password|token|secret|code|codes|key|keys|digest)$")
#: These are no secrets: a kind, a reason, a type, a page cursor.
HARMLESS = {"token_type"}


def classes(*packages: str) -> list[type]:
    """Return the dataclasses and models in these packages."""
    found = {
        each
        for name in packages
        for module in _modules(importlib.import_module(name))
        for each in vars(module).values()
        if isinstance(each, type) and each.__module__ == module.__name__
        if is_dataclass(each) or issubclass(each, BaseModel)
    }
    return sorted(found, key=lambda each: (each.__module__, each.__name__))


def filled(shape: type) -> object:
    """Return a value of this shape that no code would make: its secrets are canaries."""
    if issubclass(shape, BaseModel):
        contents: dict[str, Any] = {
            name: _content(name, hint) for name, hint in get_type_hints(shape).items()
        }
        return shape.model_construct(**contents)
    value: object = object.__new__(shape)
    hints = get_type_hints(shape)
    for each in fields(shape):  # type: ignore[arg-type]  # it is a dataclass
        content = CANARY if shape in SECRETS else _content(each.name, hints[each.name])
        object.__setattr__(value, each.name, content)
    return value


def _content(name: str, hint: Any) -> object:
    kinds = list(_kinds(hint))
    if SecretStr in kinds:
        return SecretStr(CANARY)
    nested = [kind for kind in kinds if isinstance(kind, type) and is_dataclass(kind)]
    if nested:
        return [filled(kind) for kind in nested]
    named = str in kinds and SECRET_NAME.search(name) and name not in HARMLESS
    return CANARY if named or bytes in kinds or SECRETS.intersection(kinds) else None


def _kinds(hint: Any) -> Iterator[Any]:
    """Yield a type, and the types that it is made of."""
    yield hint
    for part in get_args(hint):
        yield from _kinds(part)


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    yield package
    for each in pkgutil.walk_packages(getattr(package, "__path__", []), f"{package.__name__}."):
        yield importlib.import_module(each.name)
