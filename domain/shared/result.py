"""The outcome of an operation that may fail, as a value that the caller has to check."""

from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

T_co = TypeVar("T_co", covariant=True)
E_co = TypeVar("E_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Success(Generic[T_co]):
    """The operation succeeded; `value` is its result."""

    value: T_co


@dataclass(frozen=True, slots=True)
class Failure(Generic[E_co]):
    """The operation failed; `error` is the reason."""

    error: E_co


Result: TypeAlias = Success[T_co] | Failure[E_co]
