"""When sessions and API tokens were last used."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from adapters.persistence.identity.models import UsageModel
from domain.identity.values import Usage
from domain.shared.ids import UserId


def usages(ids: Iterable[UUID], owner: UserId) -> Mapping[UUID, Usage]:
    """Return the latest use of each of these that was used."""
    rows = UsageModel.objects.filter(user_id=owner, id__in=list(ids))
    return {row.id: Usage(row.used_at, row.ip_address) for row in rows}
