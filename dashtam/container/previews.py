"""Use cases about previews of large files."""

from dataclasses import replace
from functools import cached_property

from django.conf import settings

from dashtam.application.ledger.queued_previews import (
    DeletePreview,
    MakePreview,
    RequestPreview,
    ShowPreview,
    TakePreview,
)
from dashtam.container.ledger import Ledger


class Previews(Ledger):
    """Asking for them, making them, and what becomes of them."""

    @cached_property
    def request_preview(self) -> RequestPreview:
        return RequestPreview(
            accounts=self.accounts,
            profile_hints=self.profile_hints,
            previews=self.previews,
            quota_meter=self.quota_meter,
            quota=self.quota,
            **self.basics,
        )

    @cached_property
    def take_preview(self) -> TakePreview:
        return TakePreview(
            import_statement=self.import_statement,
            request_preview=self.request_preview,
            most_bytes=settings.IMPORT_BACKGROUND_BYTES,
        )

    @cached_property
    def make_preview(self) -> MakePreview:
        return MakePreview(
            import_statement=replace(
                self.import_statement, bring_statement=self.bring_statement_later
            ),
            previews=self.previews,
            board=self.board,
            **self.basics,
        )

    @cached_property
    def show_preview(self) -> ShowPreview:
        return ShowPreview(previews=self.previews, **self.basics)

    @cached_property
    def delete_preview(self) -> DeletePreview:
        return DeletePreview(previews=self.previews, **self.basics)
