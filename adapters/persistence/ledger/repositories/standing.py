"""What imports state as long as they stand."""

from django.db.models import Q

from domain.ledger.as_of import AsOf


def standing(as_of: AsOf) -> Q:
    """Match what imports state that are not undone: by now, or by the moment looked back to."""
    undone = Q(source__undone_at__isnull=False)
    if as_of.moment is None:
        return ~undone
    undone &= Q(source__undone_at__lte=as_of.moment)
    return Q(created_at__lte=as_of.moment) & ~undone
