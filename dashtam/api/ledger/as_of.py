"""Looking back, in the address of a request."""

from dashtam.api.http import Query
from dashtam.api.problems import Rejected
from dashtam.api.texts import AsOfText
from domain.ledger.as_of import NOW, AsOf
from domain.shared.ports import Clock
from domain.shared.result import Failure


class AsOfQuery(Query):
    """What day or moment to look back to, if any."""

    as_of: AsOfText | None = None

    def look_back(self, clock: Clock) -> AsOf:
        """Return the point that is asked for."""
        if self.as_of is None:
            return NOW
        parsed = AsOf.parse(self.as_of, now=clock.now())
        if isinstance(parsed, Failure):
            raise Rejected(parsed.error)
        return parsed.value
