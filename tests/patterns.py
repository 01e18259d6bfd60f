"""Every pattern of the code, and texts that would make a slow one slow."""

import ast
import importlib
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from re import _parser as parser  # type: ignore[attr-defined]  # the only one there is
from typing import Any

from tests.architecture.source import Module

METHODS = {"search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
#: Lengths that are tried one after the other: short ones find what grows exponentially.
LENGTHS = (16, 20, 64, 250, 1_000, 2_000)
#: Seconds below which nothing is called slow, and how much faster than linear one may grow.
FLOOR, EXCESS = 0.002, 1.6
_MOST_PIECES = 24


@dataclass(frozen=True)
class Use:
    """A pattern, its place, and how it is used."""

    where: str
    pattern: "re.Pattern[Any]"
    methods: frozenset[str]


def uses(modules: list[Module]) -> list[Use]:
    """Return all patterns that modules have made, and all that are written where they are used."""
    found = [use for module in modules for use in _compiled(module, modules)]
    return found + [use for module in modules for use in _inline(module)]


def unread_calls(module: Module) -> list[str]:
    """Return calls of `re` whose pattern is neither stored by the module nor written there."""
    stored = {
        _extent(node)
        for statement in _statements(module)
        for node in ast.walk(statement)
        if isinstance(node, ast.Call)
    }
    calls = ((node, name) for node, name in _calls(module) if name in METHODS | {"compile"})
    return [
        f"{module.path}:{node.lineno}"
        for node, name in calls
        if not (name == "compile" and _extent(node) in stored) and _literal(node) is None
    ]


def _extent(node: ast.Call) -> tuple[int, int, int | None, int | None]:
    """Return where a call begins and ends, which no two calls of a module share."""
    return node.lineno, node.col_offset, node.end_lineno, node.end_col_offset


def _statements(module: Module) -> Iterator[ast.Assign | ast.AnnAssign]:
    """Yield what runs when the module is imported: assignments in it and in its classes."""
    for body in (module.tree.body, *(each.body for each in module.classes())):
        yield from (each for each in body if isinstance(each, ast.Assign | ast.AnnAssign))


def _calls(module: Module) -> Iterator[tuple[ast.Call, str]]:
    for node in ast.walk(module.tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=name)):
                yield node, name
            case _:
                pass


def _literal(node: ast.Call) -> str | bytes | None:
    match node.args[:1]:
        case [ast.Constant(value=str() | bytes() as text)]:
            return text
        case _:
            return None


def _inline(module: Module) -> Iterator[Use]:
    for node, name in _calls(module):
        text = _literal(node)
        if text is not None and name in METHODS:
            flags = sum(getattr(re, each) for each in ("IGNORECASE",) if each in ast.unparse(node))
            where = f"{module.path}:{node.lineno}"
            yield Use(where, re.compile(text, flags), frozenset({name}))


def _compiled(module: Module, modules: list[Module]) -> Iterator[Use]:
    loaded = importlib.import_module(module.name)
    spaces = [loaded, *(getattr(loaded, each.name, None) for each in module.classes())]
    for name in sorted(_assigned(module)):
        for value in (
            vars(space)[name] for space in spaces if name in getattr(space, "__dict__", {})
        ):
            for pattern in _patterns(value):
                yield Use(f"{module.path} {name}", pattern, _methods(name, module, modules))


def _assigned(module: Module) -> set[str]:
    targets = [
        target
        for each in _statements(module)
        for target in (each.targets if isinstance(each, ast.Assign) else [each.target])
    ]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _patterns(value: Any) -> Iterator["re.Pattern[Any]"]:
    """Yield patterns, however deep in tuples, lists and mappings they are."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        for each in list(value.values()):
            yield from _patterns(each)
    elif isinstance(value, tuple | list | set | frozenset):
        for each in value:
            yield from _patterns(each)


def _methods(name: str, module: Module, modules: list[Module]) -> frozenset[str]:
    """Return the uses of a pattern: for one in a mapping, all uses in its module."""
    others = (each for each in modules if name in each.text) if not name.startswith("_") else ()
    groups: set[str] = set()
    any_of_module: set[str] = set()
    for each in {module.path: module, **{m.path: m for m in others}}.values():
        for node in ast.walk(each.tree):
            if isinstance(node, ast.Attribute) and node.attr in METHODS:
                any_of_module.add(node.attr)
                if isinstance(node.value, ast.Name) and node.value.id == name:
                    groups.add(node.attr)
    return frozenset(groups or any_of_module or {"search"})


# Texts


def texts(
    pattern: "re.Pattern[Any]", *, pairs: bool = False
) -> Iterator[Callable[[int], str | bytes]]:
    """Yield makers of texts of a length: one that nearly fits, with a part of it repeated.

    What is repeated, a character or a pair of them, is of the pattern's own alphabet.
    """
    tree = parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE if _is_bytes(pattern) else 0)
    alphabet = sorted({char for chars in _alphabets(tree) for char in chars})[:_MOST_PIECES]
    singles = alphabet or ["a"]
    pumps = [f"{a}{b}" for a, b in product(singles, singles) if a != b] if pairs else singles
    frames = [(sample[:at], sample[at:]) for sample in _samples(tree) for at in _offsets(sample)]
    frames = list(dict.fromkeys([*frames, ("", "")]))
    for pump, (before, after), last in product(pumps, frames, ("~", "")):
        yield _maker(before, pump, after + last, as_bytes=_is_bytes(pattern))


def _is_bytes(pattern: "re.Pattern[Any]") -> bool:
    return isinstance(pattern.pattern, bytes)


def _maker(before: str, pump: str, after: str, *, as_bytes: bool) -> Callable[[int], str | bytes]:
    def make(length: int) -> str | bytes:
        text = before + (pump * length)[:length] + after
        return text.encode("latin-1", "replace") if as_bytes else text

    return make


def _offsets(sample: str) -> list[int]:
    """Return where something may be put into a text: everywhere, or in so many places of it."""
    step = max(1, len(sample) // _MOST_PIECES)
    return list(range(0, len(sample) + 1, step))


def _alphabets(tree: Any) -> Iterator[list[str]]:
    for operator, argument in tree:
        name = str(operator)
        if name in ("LITERAL", "NOT_LITERAL", "IN", "ANY", "CATEGORY"):
            yield _choices(name, argument)
        for inner in _inner(name, argument):
            yield from _alphabets(inner)


def _choices(name: str, argument: Any) -> list[str]:
    """Return characters that fit, one of each sort."""
    match name:
        case "LITERAL":
            return [chr(argument)]
        case "NOT_LITERAL" | "ANY":
            return ["x" if argument != ord("x") else "y"]
        case "CATEGORY":
            return _of_category(str(argument))
        case _:
            pass
    chars = [char for each, inner in argument for char in _of_set(str(each), inner)]
    if str(argument[0][0]) == "NEGATE":
        return [char for char in "x0 ;~\u00e9" if char not in chars][:2]
    return chars


def _of_set(name: str, argument: Any) -> list[str]:
    match name:
        case "RANGE":
            return [chr(argument[0]), chr(argument[1])]
        case "NEGATE":
            return []
        case _:
            return _choices(name, argument)


def _of_category(name: str) -> list[str]:
    of = {"DIGIT": "01", "SPACE": " \n", "WORD": "a0", "NOT_DIGIT": "x ", "NOT_SPACE": "x0"}
    return list(of.get(name.removeprefix("CATEGORY_"), "-."))


def _inner(name: str, argument: Any) -> list[Any]:
    match name:
        case "BRANCH":
            return list(argument[1])
        case "SUBPATTERN":
            return [argument[3]]
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            return [argument[2]]
        case "ATOMIC_GROUP":
            return [argument]
        case _:
            return []


def _samples(tree: Any) -> list[str]:
    """Return a few texts that match, or nearly: each takes another branch where there is one."""
    return list(dict.fromkeys(_sample(tree, choice) for choice in range(4)))


def _sample(tree: Any, choice: int) -> str:
    text = ""
    for operator, argument in tree:
        name = str(operator)
        inner = _inner(name, argument)
        if name == "BRANCH":
            text += _sample(inner[choice % len(inner)], choice)
        elif name.endswith("REPEAT"):
            least, most = argument[0], argument[1]
            text += _sample(inner[0], choice) * max(least, min(int(most), choice % 2))
        elif inner:
            text += _sample(inner[0], choice)
        elif name in ("LITERAL", "NOT_LITERAL", "IN", "ANY", "CATEGORY"):
            choices = _choices(name, argument) or ["x"]
            text += choices[choice % len(choices)]
    return text


# Growth


def grows(run: Callable[[Any], object], make: Callable[[int], str | bytes]) -> str:
    """Return the length at which a text takes much longer than a slightly shorter one, if any.

    It has to do so three times: what disturbs a measurement does not do so again.
    """
    before = 0.0
    for shorter, longer in zip((0, *LENGTHS), LENGTHS, strict=False):
        took = _seconds(run, make(longer))
        if took > FLOOR and shorter and _is_steep(run, make, shorter, longer, before):
            return f"{longer} characters take {took * 1000:,.0f} ms"
        before = took
    return ""


def _is_steep(
    run: Callable[[Any], object],
    make: Callable[[int], str | bytes],
    shorter: int,
    longer: int,
    before: float,
) -> bool:
    for _ in range(3):
        least = min(before or FLOOR, _seconds(run, make(shorter)), _seconds(run, make(shorter)))
        took = min(_seconds(run, make(longer)), _seconds(run, make(longer)))
        if took < FLOOR or took < least * (longer / shorter) ** EXCESS:
            return False
    return True


def _seconds(run: Callable[[Any], object], text: str | bytes) -> float:
    began = time.thread_time()
    run(text)
    return time.thread_time() - began


def runs_of(use: Use) -> list[Callable[[Any], object]]:
    """Return how the pattern is run: what looks everywhere is tried from everywhere."""
    pattern = use.pattern
    runs: list[Callable[[Any], object]] = []
    if use.methods & (METHODS - {"match", "fullmatch"}):
        runs.append(lambda text: sum(1 for _ in pattern.finditer(text)))
    if use.methods & {"match"}:
        runs.append(pattern.match)
    if use.methods & {"fullmatch"}:
        runs.append(pattern.fullmatch)
    return runs
