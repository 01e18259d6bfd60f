"""Text is normalised in one place, which bounds what it is given."""

import ast
from collections.abc import Iterator

from tests.architecture.source import PRODUCT, Module, modules

THE_ONE = "domain/shared/folding.py"
#: Sorts marks by insertion, and so needs time with the square of their number.
NORMALISERS = {"normalize", "is_normalized", "ucd_3_2_0"}
#: Packages that do so on behalf of who calls them.
UNBOUNDED = {"normalize_username", "normalize_email", "slugify", "unaccent"}


def normalisers(module: Module) -> Iterator[str]:
    """Find what normalises, whatever it is called as."""
    names = aliases(module)
    for node in ast.walk(module.tree):
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                wanted = UNBOUNDED | NORMALISERS if name in names else UNBOUNDED
                found = {attribute} & wanted
            case ast.ImportFrom(module=name, names=imported):
                wanted = UNBOUNDED | NORMALISERS | {"*"} if name == "unicodedata" else UNBOUNDED
                found = {each.name for each in imported} & wanted
            case ast.Call(func=ast.Name(id="getattr"), args=[ast.Name(id=name), *_]):
                found = {name} & names
            case _:
                found = set()
        yield from (f"{module.path}:{getattr(node, 'lineno', 0)} {each}" for each in sorted(found))


def aliases(module: Module) -> set[str]:
    """Return the names under which a module knows `unicodedata`."""
    imports = (node for node in ast.walk(module.tree) if isinstance(node, ast.Import))
    names = (name for node in imports for name in node.names)
    return {each.asname or each.name for each in names if each.name == "unicodedata"}


def test_text_is_normalised_in_one_place() -> None:
    found = [each for module in modules(*PRODUCT) for each in normalisers(module)]

    assert [each for each in found if not each.startswith(THE_ONE)] == []
    assert found, "Nothing normalises: this looks for what is not there any more."


def test_the_guard_finds_every_way() -> None:
    ways = (
        "import unicodedata\nunicodedata.normalize('NFC', x)\n",
        "import unicodedata as u\nu.normalize('NFC', x)\n",
        "import unicodedata\nunicodedata.ucd_3_2_0.normalize('NFC', x)\n",
        "from unicodedata import normalize\n",
        "from unicodedata import normalize as n\n",
        "import unicodedata\ngetattr(unicodedata, name)('NFC', x)\n",
        "from django.utils.text import slugify\n",
        "user.normalize_username(name)\n",
    )

    assert [bool([*normalisers(Module("x.py", way))]) for way in ways] == [True] * len(ways)
    fine = "import unicodedata\nunicodedata.combining(x)\namount.normalize()\n"
    assert [*normalisers(Module("x.py", fine))] == []
