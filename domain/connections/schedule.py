"""When a provider is asked, and for which days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from domain.connections.providers import ProviderTrouble, StatementRequest, TroubleKind
from domain.connections.values import ONE_DAY, Capabilities, Coverage, DueReason, Window

FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=6)
#: However long a provider says that it is not worth asking.
LONGEST_WAIT = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class WaitUntil:
    """Nothing may be asked before."""

    until: datetime
    reason: DueReason


@dataclass(frozen=True, slots=True)
class Due:
    """When a connection is next synced, and why then."""

    at: datetime
    reason: DueReason


def plan(
    now: datetime,
    capabilities: Capabilities,
    coverage: Mapping[str, Coverage],
    requests_left: Mapping[str, int],
    *,
    is_requested: bool = False,
) -> Sequence[StatementRequest] | WaitUntil:
    """Return what to ask, in this order, or until when to wait.

    First come the days since the last answer, with those that banks may still change, unless they
    were answered within the interval and nobody has requested them again; then the history, back
    to its beginning. Accounts that need the same days share a request. Without any coverage, the
    request is for all accounts. `requests_left` are those of this day: by account if each account
    needs a request of its own, else under the empty key.
    """
    requests = _lacking(now, capabilities, coverage, is_requested)
    allowed = _allowed(requests, capabilities, requests_left)
    is_used_up = bool(requests) and not allowed
    return WaitUntil(next_day(now), DueReason.QUOTA) if is_used_up else allowed


def next_day(now: datetime) -> datetime:
    """Return when the next day of UTC begins, and with it a new quota."""
    return datetime.combine(now.astimezone(UTC).date() + ONE_DAY, time(), UTC)


def after_success(now: datetime, capabilities: Capabilities) -> Due:
    return Due(now + capabilities.interval, DueReason.INTERVAL)


def after_trouble(now: datetime, trouble: ProviderTrouble, failures: int, jitter: float) -> Due:
    """Return when to try again after this many failures in a row.

    `jitter` between 0 and 1 spreads connections of one provider, which fail at the same time.
    """
    until = min(trouble.until, now + LONGEST_WAIT) if trouble.until else None
    if trouble.kind is TroubleKind.QUOTA:
        return Due(max(until or next_day(now), now + FIRST_PAUSE), DueReason.QUOTA)
    pause = min(FIRST_PAUSE * 2 ** min(failures - 1, 10), LONGEST_PAUSE)
    at = now + pause * (0.5 + jitter / 2)
    return Due(max(at, until or at), DueReason.OUTAGE)


def _lacking(
    now: datetime,
    capabilities: Capabilities,
    coverage: Mapping[str, Coverage],
    is_requested: bool,
) -> list[StatementRequest]:
    """Return what to ask if there were no quota."""
    today = now.astimezone(UTC).date()
    if not coverage:
        latest = _latest(today, capabilities.first_day(now), capabilities)
        return [StatementRequest(account_keys=(), window=latest)]
    wanted = dict[str, list[Window]]()
    for key, each in sorted(coverage.items()):
        is_fresh = each.answered_at and each.answered_at + capabilities.interval > now
        wanted[key] = _wanted(today, each, capabilities, bool(is_fresh and not is_requested))
    return _grouped(wanted, capabilities)


def _allowed(
    requests: Sequence[StatementRequest],
    capabilities: Capabilities,
    requests_left: Mapping[str, int],
) -> list[StatementRequest]:
    """Return the first requests, as many as the quota of the day allows."""
    allowed, left = list[StatementRequest](), dict(requests_left)
    for request in requests:
        by_account = capabilities.asks_each_account and request.account_keys
        key = request.account_keys[0] if by_account else ""
        remaining = left.get(key, capabilities.requests_per_day)
        if remaining > 0:
            left[key] = remaining - 1
            allowed.append(request)
    return allowed


def _wanted(
    today: date, coverage: Coverage, capabilities: Capabilities, is_fresh: bool
) -> list[Window]:
    """Return what to ask of an account: from today on, back to where its history begins."""
    known = coverage.window
    if known and is_fresh:
        return _history(known, coverage, capabilities)
    recent = _recent(today, coverage, capabilities)
    # After a long pause, the days between are history: the next answers lead back to them.
    latest = known if known and known.meets(recent) else recent
    return [recent, *_history(latest, coverage, capabilities)]


def _latest(today: date, wanted_from: date, capabilities: Capabilities) -> Window:
    first = max(wanted_from, _back(today, capabilities.window_days))
    return Window(min(first, today), today)


def _recent(today: date, coverage: Coverage, capabilities: Capabilities) -> Window:
    """Return the days since the last answer, as far back as one request reaches."""
    known, latest = coverage.window, _latest(today, coverage.wanted_from, capabilities)
    if known is None:
        return latest
    first = known.last - capabilities.overlap_days * ONE_DAY
    # From a Monday on, so that an answer without news says the same tomorrow.
    first = max(known.first, first - first.weekday() * ONE_DAY)
    since = Window(min(first, today), today)
    return since if since.days <= capabilities.window_days else latest


def _history(known: Window, coverage: Coverage, capabilities: Capabilities) -> list[Window]:
    """Return the windows before the known days, the latest first."""
    oldest = known.first
    history = list[Window]()
    while not coverage.is_failing and oldest > coverage.wanted_from:
        last = oldest - ONE_DAY
        oldest = max(coverage.wanted_from, _back(last, capabilities.window_days))
        history.append(Window(oldest, last))
    return history


def _back(last: date, size: int) -> date:
    return last - (size - 1) * ONE_DAY


def _grouped(
    wanted: Mapping[str, Sequence[Window]], capabilities: Capabilities
) -> list[StatementRequest]:
    """Join the n-th windows of all accounts, as far as one request can answer them."""
    requests = list[StatementRequest]()
    for turn in range(max(map(len, wanted.values()), default=0)):
        windows = {key: each[turn] for key, each in wanted.items() if turn < len(each)}
        if capabilities.asks_each_account:
            requests += [StatementRequest(account_keys=(k,), window=w) for k, w in windows.items()]
            continue
        for window, keys in _joined(windows, capabilities.window_days):
            is_all = len(keys) == len(wanted)
            requests.append(StatementRequest(account_keys=() if is_all else keys, window=window))
    return requests


def _joined(windows: Mapping[str, Window], size: int) -> list[tuple[Window, list[str]]]:
    """Join windows of accounts to windows of at most `size` days, and return the latest first."""
    groups = list[tuple[Window, list[str]]]()
    for key, window in sorted(windows.items(), key=lambda each: (each[1], each[0])):
        joined = groups[-1][0].joined(window) if groups else window
        if groups and joined.days <= size:
            groups[-1] = joined, [*groups[-1][1], key]
        else:
            groups.append((window, [key]))
    return sorted(groups, key=lambda each: each[0], reverse=True)
