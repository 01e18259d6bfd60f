"""Files with personal data are created in one place, where no other user may read them."""

import ast

from tests.architecture.source import Module, modules

# `adapters.private_files` creates files that only Dashtam may read. These write no secrets.
ELSEWHERE = {
    "adapters/private_files.py": "makes them",
    "adapters/embedded_postgres.py": "settings of a server, in a directory of its own",
    "adapters/exports/everything.py": "members of an archive, in a file that it is given",
    "adapters/audit/export.py": "members of an archive, in a file that is private",
    "adapters/audit/witness.py": "checkpoints, which everybody may read",
}
WRITING = ("write_text", "write_bytes", "touch")


def writes(module: Module) -> list[str]:
    """Find what makes or writes files."""
    return [
        f"{module.path}:{node.lineno} {ast.unparse(node.func)}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and _writes(node)
    ]


def _writes(call: ast.Call) -> bool:
    name = ast.unparse(call.func).rsplit(".", 1)[-1]
    if name in WRITING:
        return True
    modes = [
        each.value
        for each in [*call.args, *(word.value for word in call.keywords)]
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]
    opens = ast.unparse(call.func) in ("open", "os.open", "ZipFile") or name == "open"
    return opens and any(set(mode) <= set("rwxab+t") and set(mode) & set("wxa+") for mode in modes)


def test_files_are_made_in_one_place() -> None:
    found = [
        each
        for module in modules("adapters", "dashtam", "domain")
        if module.path not in ELSEWHERE
        for each in writes(module)
    ]
    assert found == []
