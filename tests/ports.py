"""Use cases with other ports."""

from dataclasses import replace
from typing import Any

from dashtam.container.wiring import UseCases


def with_ports(use_cases: UseCases, **ports: Any) -> UseCases:
    """Return use cases with the same ports except these."""
    return UseCases(replace(use_cases.ports, **ports))
