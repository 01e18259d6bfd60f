"""Wires use cases by the names of their fields."""

from dataclasses import dataclass, field, fields
from typing import Any, TypeVar, get_type_hints

from dashtam.container.ports import Ports

U = TypeVar("U")


@dataclass(frozen=True)
class UseCases:
    """All use cases with the same ports, each built when it is first used."""

    ports: Ports
    built: dict[type[Any], Any] = field(default_factory=dict, repr=False)

    def use(self, kind: type[U]) -> U:
        """Return the use case of this class."""
        if kind not in self.built:
            self.built[kind] = bind(kind, self)
        built: U = self.built[kind]
        return built

    def part(self, kind: type[Any], name: str) -> Any:
        """Return the port with the name of a field, or else the use case of its type."""
        if name in Ports.__dataclass_fields__:
            return getattr(self.ports, name)
        wanted = get_type_hints(kind)[name]
        if isinstance(wanted, type) and wanted.__module__.startswith("dashtam.application."):
            return self.use(wanted)
        raise TypeError(f"{kind.__name__}.{name} is not a use case, and no port has this name.")


def bind(kind: type[U], use_cases: UseCases) -> U:
    """Build a use case: ports and settings by name, other use cases by type."""
    return kind(**{each.name: use_cases.part(kind, each.name) for each in fields(kind)})  # type: ignore[arg-type]  # every use case is a dataclass
