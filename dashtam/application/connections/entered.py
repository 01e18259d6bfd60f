"""What people enter for a connection: whether it is what was asked."""

from collections.abc import Mapping, Sequence
from secrets import compare_digest
from urllib.parse import parse_qsl, urlsplit

from domain.connections.providers import AnswerRefused, Ask, Field, Redirect, Step
from domain.shared.result import Failure, Result, Success

#: The most characters of an answer.
MAX_ANSWER = 8_000


def answer_of(
    step: Step, given: Mapping[str, str], state: str
) -> Result[Mapping[str, str], AnswerRefused]:
    """Return what answers a step: of an address that a bank has sent somebody to, its query."""
    if not isinstance(step, Redirect):
        refused = refusal_of(given, step.fields if isinstance(step, Ask) else ())
        return Failure(refused) if refused else Success(given)
    returned = given
    if set(given) == {"url"}:
        try:
            returned = dict(parse_qsl(urlsplit(given["url"]).query, max_num_fields=20))
        except ValueError:
            return Failure(AnswerRefused("This is not the address of a page."))
    # Whoever returns with another state was sent to the bank by somebody else.
    if not compare_digest(returned.get("state", "").encode(), state.encode()):
        detail = "The bank has sent nobody back with this. Copy the whole address of the page."
        return Failure(AnswerRefused(detail))
    return Success(returned)


def refusal_of(given: Mapping[str, str], fields: Sequence[Field]) -> AnswerRefused | None:
    """Return why what was entered is not what is asked, if so."""
    names = {each.name for each in fields}
    unknown = sorted(given.keys() - names)
    if unknown:
        return AnswerRefused(f"These are not asked: {', '.join(unknown)[:200]}.")
    lacking = [each.name for each in fields if not each.is_optional and not given.get(each.name)]
    if lacking:
        return AnswerRefused(f"These are needed: {', '.join(lacking)}.")
    if sum(map(len, given.values())) > MAX_ANSWER:
        return AnswerRefused(f"An answer has at most {MAX_ANSWER:,} characters.")
    for each in fields:
        if each.options and given.get(each.name, each.options[0]) not in each.options:
            return AnswerRefused(f"{each.name} is one of {', '.join(each.options)}.")
    return None
