"""The domain needs only Python: a list of what is forbidden could never be complete."""

import ast
import sys

from tests.architecture.source import Module, modules

ALLOWED = {("domain/shared/ids.py", "uuid_extensions")}


def imported_roots(module: Module) -> set[str]:
    """Return the first word of everything a module imports."""
    names: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return {name.partition(".")[0] for name in names}


def foreign(module: Module) -> list[str]:
    """Find imports that are neither the domain's own nor Python's."""
    roots = imported_roots(module) - sys.stdlib_module_names - {"domain"}
    return [f"{module.path} {root}" for root in roots if (module.path, root) not in ALLOWED]


def test_the_domain_imports_only_the_standard_library() -> None:
    assert [found for module in modules("domain") for found in foreign(module)] == []


def test_the_guard_finds_a_foreign_import() -> None:
    text = "import json\nfrom django.db import models\nfrom domain.shared import money\n"

    assert foreign(Module("domain/x.py", text)) == ["domain/x.py django"]
    assert foreign(Module("domain/x.py", "import uuid_extensions")) == [
        "domain/x.py uuid_extensions"
    ]
