"""Check what an owner says of a transaction, before it is stored."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.ledger.allocations import Annotation, Split
from domain.ledger.errors import CategoryNotFound, InvalidSplits
from domain.ledger.ports import CategoryRepository
from domain.ledger.tags import InvalidTags, parse_tags
from domain.shared.errors import Unavailable
from domain.shared.ids import CategoryId, UserId
from domain.shared.result import Failure, Result, Success

AnnotationError = CategoryNotFound | InvalidSplits | InvalidTags | Unavailable


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
        if said.splits is not None:
            parts = await self._named(said.splits, owner)
            return (
                parts if isinstance(parts, Failure) else Success(replace(said, splits=parts.value))
            )
        if said.category is None or said.category.id is None:
            return Success(said)
        found = await self.categories.lock(said.category.id, owner=owner, shared=True)
        if isinstance(found, Failure):
            return found
        return Success(replace(said, category=replace(said.category, path=found.value.path)))

    async def _named(
        self, splits: Sequence[Split], owner: UserId
    ) -> Result[tuple[Split, ...], CategoryNotFound | Unavailable]:
        """Return the parts with the paths of their categories, which are locked."""
        paths: dict[CategoryId | None, str] = {None: ""}
        # In order, so that two who split with the same categories do not wait for one another.
        for category_id in sorted({each.category_id for each in splits if each.category_id}):
            found = await self.categories.lock(category_id, owner=owner, shared=True)
            if isinstance(found, Failure):
                return found
            paths[category_id] = found.value.path
        return Success(tuple(replace(each, category=paths[each.category_id]) for each in splits))
