"""What every clock must do."""

from datetime import timedelta

from domain.shared.ports import Clock


class ClockContract:
    def test_time_is_in_utc(self, clock: Clock) -> None:
        assert clock.now().utcoffset() == timedelta(0)

    def test_time_does_not_run_backwards(self, clock: Clock) -> None:
        assert clock.now() <= clock.now()
