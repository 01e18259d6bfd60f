"""Use cases about previews of large files, with ports in memory."""

from dashtam.application.ledger.import_statement import ImportStatement
from dashtam.application.ledger.profile_hints import ProfileHints
from dashtam.application.ledger.queued_previews import (
    DeletePreview,
    MakePreview,
    RequestPreview,
    ShowPreview,
    TakePreview,
)
from dashtam.container import Basics
from domain.ledger.quotas import Quota
from tests.contracts.world import World


class Previews:
    """What asks for previews, makes them, and shows and deletes them."""

    world: World
    quota: Quota
    import_statement: ImportStatement

    @property
    def basics(self) -> Basics:
        raise NotImplementedError

    def _preview(self, profile_hints: ProfileHints) -> None:
        world, basics = self.world, self.basics
        self.request_preview = RequestPreview(
            accounts=world.accounts,
            profile_hints=profile_hints,
            previews=world.previews,
            quota_meter=world.quota_meter,
            quota=self.quota,
            **basics,
        )
        self.make_preview = MakePreview(
            import_statement=self.import_statement,
            previews=world.previews,
            board=world.board,
            **basics,
        )
        self.take_preview = TakePreview(
            import_statement=self.import_statement,
            request_preview=self.request_preview,
            most_bytes=10_000,
        )
        self.show_preview = ShowPreview(previews=world.previews, **basics)
        self.delete_preview = DeletePreview(previews=world.previews, **basics)
