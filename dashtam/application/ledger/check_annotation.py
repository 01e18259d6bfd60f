"""Check what an owner says of a transaction, before it is stored."""

from dataclasses import dataclass, replace

from domain.ledger.allocations import Annotation
from domain.ledger.categories import parse_tags
from domain.ledger.errors import CategoryNotFound, InvalidTags
from domain.ledger.ports import CategoryRepository
from domain.shared.errors import Unavailable
from domain.shared.ids import UserId
from domain.shared.result import Failure, Result, Success

AnnotationError = CategoryNotFound | InvalidTags | Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckAnnotation:
    """Returns an annotation with its tags in order, and with the path of its category.

    The category is locked, in the unit of work of the caller and before any transaction, as those
    who change categories do.
    """

    categories: CategoryRepository

    async def __call__(
        self, said: Annotation, *, owner: UserId
    ) -> Result[Annotation, AnnotationError]:
        if said.tags is not None:
            tags = parse_tags(said.tags)
            if isinstance(tags, Failure):
                return tags
            said = replace(said, tags=tags.value)
        if said.category is None or said.category.id is None:
            return Success(said)
        found = await self.categories.lock(said.category.id, owner=owner, shared=True)
        if isinstance(found, Failure):
            return found
        return Success(replace(said, category=replace(said.category, path=found.value.path)))
