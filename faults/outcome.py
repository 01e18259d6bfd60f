"""The outcome of a fault lane."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Outcome:
    """Counts for the report, and problems, of which there must be none."""

    counts: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def expect(self, is_so: bool, problem: str) -> None:
        if not is_so:
            self.problems.append(problem)
