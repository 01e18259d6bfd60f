"""The garbage collector is paused, and resumes whatever happens."""

import gc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from adapters.statements.csv.reader import CsvReader
from adapters.statements.garbage_collector import GcDisabled, gc_disabled
from domain.shared.result import Failure
from tests.adapters.statements.csv.reading import EUROS, rows_of


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    gc.enable()
    yield
    gc.enable()


def test_pauses_and_resumes() -> None:
    with gc_disabled:
        assert not gc.isenabled()
        with gc_disabled:
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_resumes_after_an_exception() -> None:
    with pytest.raises(ZeroDivisionError), gc_disabled:
        1 / 0  # noqa: B018
    assert gc.isenabled()


def test_stays_off_if_it_was_off() -> None:
    gc.disable()
    with gc_disabled:
        pass
    assert not gc.isenabled()


def test_resumes_after_the_last_thread() -> None:
    pause, all_within = GcDisabled(), Barrier(4)

    def within() -> bool:
        with pause:
            all_within.wait(10)
            return gc.isenabled()

    with ThreadPoolExecutor(4) as pool:
        states = [each.result() for each in [pool.submit(within) for _ in range(4)]]

    assert states == [False] * 4
    assert gc.isenabled()


def test_readers_restore_it() -> None:
    assert rows_of("Date,Amount\n2026-03-13,-1.50\n")
    assert isinstance(CsvReader().read(b"", EUROS), Failure)
    assert gc.isenabled()
