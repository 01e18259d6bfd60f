"""What came of a lane."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Outcome:
    """Counts, and what went wrong; nothing may."""

    counts: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def expect(self, is_so: bool, problem: str) -> None:
        if not is_so:
            self.problems.append(problem)
