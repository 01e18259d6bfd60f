"""Frozen dataclasses that are made column by column."""

from dataclasses import dataclass
from itertools import repeat

import pytest

from domain.shared.records import records


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int = 0


@dataclass(frozen=True, slots=True)
class Checked:
    x: int

    def __post_init__(self) -> None:
        assert self.x


def test_are_what_the_class_makes() -> None:
    made = records(Point, 3, {"x": [1, 2, 3], "y": repeat(5)})

    assert made == [Point(1, 5), Point(2, 5), Point(3, 5)]
    assert records(Point, 0, {"x": (), "y": repeat(5)}) == []


def test_need_a_value_for_each_field() -> None:
    with pytest.raises(ValueError, match="y"):
        records(Point, 3, {"x": [1, 2, 3], "y": [1, 2]})
    with pytest.raises(TypeError, match="y"):
        records(Point, 3, {"x": [1, 2, 3]})


def test_cannot_be_checked_on_the_way() -> None:
    with pytest.raises(TypeError, match="__post_init__"):
        records(Checked, 1, {"x": [0]})
