"""All of DATABASE_URL reaches every connection: clients use it whole, or from one place."""

import ast
from collections.abc import Iterator

from adapters.persistence.conninfo import PARAMETERS
from tests.architecture.source import PRODUCT, Module, modules

#: Where Django's configuration is read and set.
MADE = {"adapters/persistence/plain.py", "adapters/persistence/conninfo.py"}
MAKES = {"get_connection_params", "conninfo_to_dict", "db_url_config"}


def picked(module: Module) -> list[str]:
    """Return the lines that connect with parameters of their own making."""
    calls = [node for node in ast.walk(module.tree) if isinstance(node, ast.Call)]
    connecting = [call for call in calls if ast.unparse(call.func).endswith(CONNECT)]
    wrong = [call for call in connecting if not _takes_everything(call)]
    if module.path not in MADE:
        wrong += [call for call in calls if ast.unparse(call.func).rpartition(".")[2] in MAKES]
    return [f"{module.path}:{call.lineno}" for call in wrong]


CONNECT = ("psycopg.connect", "Connection.connect")


def _takes_everything(call: ast.Call) -> bool:
    """Return whether a call passes on a URL unchanged, or everything that `parameters` returns."""
    whole = ["**parameters()" for each in call.keywords if ast.unparse(each) == "**parameters()"]
    whole += [ast.unparse(each) for each in call.args]
    return len(whole) == 1 and not set(_names_of(call)) & PARAMETERS


def _names_of(call: ast.Call) -> Iterator[str]:
    return (each.arg for each in call.keywords if each.arg)


def test_connection_parameters_are_never_picked() -> None:
    found = [line for module in modules(*PRODUCT) for line in picked(module)]

    assert found == []


def test_the_guard_finds_a_pick() -> None:
    for text in (
        "psycopg.connect(host=host, dbname=name)",
        "psycopg.connect(url, connect_timeout=3)",
        "psycopg.connect(**{name: known[name] for name in ('host', 'port')})",
        "await psycopg.AsyncConnection.connect(**known)",
        "connections['default'].get_connection_params()",
        "env.db_url_config(url)",
    ):
        assert picked(Module("adapters/x.py", text)) == ["adapters/x.py:1"], text
    for text in (
        "psycopg.connect(url, autocommit=True)",
        "psycopg.connect(**parameters(), autocommit=True)",
        "psycopg.AsyncConnection.connect(**parameters())",
    ):
        assert picked(Module("adapters/x.py", text)) == [], text
