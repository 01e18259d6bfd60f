"""Categories: a tree of two levels."""

from http import HTTPStatus
from typing import Annotated, Any, Self
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from dashtam.api.http import Body, Changes, read, refuse_query
from dashtam.api.ledger.parameters import READ_TRANSACTIONS, WRITE_TRANSACTIONS
from dashtam.api.problems import unwrap
from dashtam.api.responses import ListResponse, Response, no_content, respond, respond_in_thread
from dashtam.api.session import CallerView
from dashtam.application.ledger.categories import (
    AddCategory,
    ChangeCategory,
    DeleteCategory,
    ListCategories,
    ShowCategory,
)
from domain.ledger.categories import MAX_NAME, Category, CategoryMove
from domain.shared.ids import CategoryId

# Blanks around it are removed before it is measured.
Name = Annotated[str, Field(min_length=1, max_length=2 * MAX_NAME)]


class CategoryBody(Response):
    """What a category says."""

    name: str
    parent_id: UUID | None


class CategoryResponse(CategoryBody):
    """A category; `path` is its name after that of its parent."""

    id: UUID
    path: str

    @classmethod
    def of(cls, category: Category) -> Self:
        return cls.copy_from(category)


class AddCategoryRequest(Body):
    """A name, and the category below which it is, if any."""

    name: Name
    parent_id: UUID | None = None


class ChangeCategoryRequest(Changes):
    """Another name, or another parent; null moves it to the first level."""

    name: Name | None = None
    parent_id: UUID | None = None

    @field_validator("name", mode="before")
    @classmethod
    def _is_not_null(cls, value: Any) -> Any:
        if value is None:
            raise PydanticCustomError("null", "A category always has a name")
        return value

    @property
    def move(self) -> CategoryMove | None:
        if "parent_id" not in self.model_fields_set:
            return None
        return CategoryMove(CategoryId(self.parent_id) if self.parent_id else None)


class MergeCategoryRequest(Body):
    """The category that the transactions of the merged one have instead."""

    into_id: UUID


class CategoriesView(CallerView):
    """The categories of a user."""

    scopes = {"get": READ_TRANSACTIONS, "post": WRITE_TRANSACTIONS}
    list_categories: ListCategories
    add_category: AddCategory

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List them by name, each after its parent."""
        refuse_query(request)
        categories = unwrap(await self.list_categories(user_id=self.caller.user_id))
        return await respond_in_thread(
            ListResponse[CategoryResponse].of, categories, CategoryResponse.of
        )

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Add a category."""
        body = await read(request, AddCategoryRequest)
        added = unwrap(
            await self.add_category(
                user_id=self.caller.user_id,
                name=body.name,
                parent_id=CategoryId(body.parent_id) if body.parent_id else None,
            )
        )
        return respond(
            CategoryResponse.of(added), HTTPStatus.CREATED, location=f"categories/{added.id}"
        )


class CategoryView(CallerView):
    """One category."""

    scopes = {"get": READ_TRANSACTIONS, "patch": WRITE_TRANSACTIONS, "delete": WRITE_TRANSACTIONS}
    show_category: ShowCategory
    change_category: ChangeCategory
    delete_category: DeleteCategory

    async def get(self, request: HttpRequest, category_id: UUID) -> HttpResponse:
        """Show a category."""
        refuse_query(request)
        category = unwrap(
            await self.show_category(
                category_id=CategoryId(category_id), user_id=self.caller.user_id
            )
        )
        return respond(CategoryResponse.of(category))

    async def patch(self, request: HttpRequest, category_id: UUID) -> HttpResponse:
        """Rename or move a category; its transactions show the new path."""
        body = await read(request, ChangeCategoryRequest)
        changed = unwrap(
            await self.change_category(
                category_id=CategoryId(category_id),
                user_id=self.caller.user_id,
                name=body.name,
                move=body.move,
            )
        )
        return respond(CategoryResponse.of(changed))

    async def delete(self, request: HttpRequest, category_id: UUID) -> HttpResponse:
        """Delete a category; its transactions have none then."""
        unwrap(
            await self.delete_category(
                category_id=CategoryId(category_id), user_id=self.caller.user_id
            )
        )
        return no_content()


class CategoryMergeView(CallerView):
    """The end of a category in another one."""

    scopes = {"post": WRITE_TRANSACTIONS}
    delete_category: DeleteCategory

    async def post(self, request: HttpRequest, category_id: UUID) -> HttpResponse:
        """Delete a category; its transactions have the other one then."""
        body = await read(request, MergeCategoryRequest)
        unwrap(
            await self.delete_category(
                category_id=CategoryId(category_id),
                user_id=self.caller.user_id,
                into_id=CategoryId(body.into_id),
            )
        )
        return no_content()
