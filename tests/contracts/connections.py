"""What every implementation of the ports of connections must do."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.connections.entities import Connection
from domain.connections.errors import (
    AlreadyConnected,
    ConnectionNotFound,
    CredentialsNotFound,
    LinkNotFound,
    NoStepPending,
)
from domain.connections.providers import Ask, Field, Redirect, Step, TroubleKind, Wait
from domain.connections.values import (
    STATEMENT_FILES,
    ConnectionStatus,
    Credentials,
    LinkStatus,
    Need,
    ProviderSlug,
)
from domain.shared.ids import ConnectionId, new_id
from domain.shared.result import Failure, Success
from tests.contracts.world import World
from tests.factories import (
    NOON,
    make_account,
    make_connection,
    make_consent,
    make_link,
    make_pending_step,
    make_preview,
    make_second_factor,
)

BANKS = ProviderSlug("banks")
LATER = NOON + timedelta(hours=1)
NO_CONNECTION = Failure(ConnectionNotFound("No such connection."))
NO_LINK = Failure(LinkNotFound("The connection has no such account."))


async def bank(world: World, email: str = "ada@example.org") -> Connection:
    """Connect a new user to a bank through a provider."""
    return await world.connection(await world.user(email), provider=BANKS)


class ConnectionRepositoryContract:
    async def test_finds_what_was_added(self, world: World) -> None:
        connection = await world.connection(await world.user())

        found = await world.connections.find(
            owner=connection.user_id, provider=STATEMENT_FILES, institution="Northbank"
        )

        assert found == Success(connection)

    async def test_finds_nothing_of_another_user(self, world: World) -> None:
        await world.connection(await world.user())
        stranger = await world.user("eve@example.org")

        found = await world.connections.find(
            owner=stranger.id, provider=STATEMENT_FILES, institution="Northbank"
        )

        assert found == NO_CONNECTION

    async def test_stores_one_of_files_per_institution(self, world: World) -> None:
        user = await world.user()
        await world.connection(user)

        repeated = await world.connections.add(make_connection(user.id))

        assert repeated == Failure(
            AlreadyConnected("You are already connected to this institution.")
        )
        assert await world.connections.add(make_connection(user.id, "Southbank")) == Success(None)

    async def test_stores_several_to_one_institution_through_a_provider(self, world: World) -> None:
        """A person may have two log-ins at one bank."""
        user = await world.user()
        first = await world.connection(user, provider=BANKS)
        await world.connection(user)
        second = await world.connection(user, provider=BANKS)

        assert await world.connections.to_providers(owner=user.id) == Success([first, second])

    async def test_gets_and_locks_a_connection_to_a_provider(self, world: World) -> None:
        made = await bank(world)

        assert await world.connections.get(made.id, owner=made.user_id) == Success(made)
        assert await world.connections.lock(made.id, owner=made.user_id) == Success(made)

    async def test_gets_no_connection_of_files(self, world: World) -> None:
        files = await world.connection(await world.user())

        assert await world.connections.get(files.id, owner=files.user_id) == NO_CONNECTION
        assert await world.connections.lock(files.id, owner=files.user_id) == NO_CONNECTION
        assert await world.connections.to_providers(owner=files.user_id) == Success([])

    async def test_shows_nothing_to_another_user(self, world: World) -> None:
        made = await bank(world)
        eve = await world.user("eve@example.org")

        assert await world.connections.get(made.id, owner=eve.id) == NO_CONNECTION
        assert await world.connections.lock(made.id, owner=eve.id) == NO_CONNECTION
        assert await world.connections.to_providers(owner=eve.id) == Success([])

    async def test_updates_what_changes(self, world: World) -> None:
        made = await bank(world)
        other = await world.connection(await world.user("eve@example.org"), provider=BANKS)
        changed = replace(
            made,
            institution="Southbank",
            name="Household",
            status=ConnectionStatus.NEEDS_PERSON,
            need=Need.CONSENT,
            detail="The consent has ended.",
            changed_at=LATER,
            attempted_at=LATER,
            complete_at=NOON,
            consent_until=LATER,
            reminded_until=LATER,
        )

        assert await world.connections.update(changed) == Success(None)

        assert await world.connections.get(made.id, owner=made.user_id) == Success(changed)
        assert await world.connections.get(other.id, owner=other.user_id) == Success(other)

    async def test_does_not_update_how_it_began(self, world: World) -> None:
        made = await bank(world)
        moved = replace(made, provider=ProviderSlug("others"), established_at=LATER, name="Mine")

        await world.connections.update(moved)

        found = await world.connections.get(made.id, owner=made.user_id)
        assert found == Success(replace(made, name="Mine"))


class LinkContract:
    """What a `ConnectionRepository` must do with accounts of providers."""

    async def test_saves_links_in_the_order_they_were_reported(self, world: World) -> None:
        made = await bank(world)
        links = [make_link(made, "savings"), make_link(made, "current")]

        assert await world.connections.save_links(links) == Success(None)

        assert await world.connections.links(made.id, owner=made.user_id) == Success(links)

    async def test_saves_no_links(self, world: World) -> None:
        made = await bank(world)

        assert await world.connections.save_links([]) == Success(None)

        assert await world.connections.links(made.id, owner=made.user_id) == Success([])

    async def test_replaces_a_link_with_all_it_says(self, world: World) -> None:
        account = await world.account()
        source = await world.source(account)
        made = make_connection(account.user_id, provider=BANKS)
        await world.connections.add(made)
        link, other = make_link(made), make_link(made, "savings")
        await world.connections.save_links([link, other])
        full = replace(
            link,
            account_key="current-2",
            name="Household",
            number="DE02100100109307118603",
            institution="Southbank",
            currency="USD",
            kind="savings",
            status=LinkStatus.LINKED,
            account_id=account.id,
            candidates=frozenset({new_id(), new_id()}),
            linked_at=LATER,
            wanted_from=date(2024, 1, 1),
            covered_from=date(2026, 1, 1),
            covered_to=date(2026, 3, 14),
            answered_at=LATER,
            fingerprint=b"f" * 32,
            import_id=source.id,
            missing=2,
            problem=TroubleKind.GONE,
            problem_detail="The account is closed.",
            problem_since=NOON,
        )

        await world.connections.save_links([full, make_link(made, "card")])

        found = await world.connections.links(made.id, owner=made.user_id)
        assert isinstance(found, Success)
        assert found.value[:2] == [full, other]
        assert [each.account_key for each in found.value] == ["current-2", "savings", "card"]

    async def test_lists_links_of_one_connection_and_one_user(self, world: World) -> None:
        made = await bank(world)
        beside = make_connection(made.user_id, provider=BANKS)
        await world.connections.add(beside)
        link = make_link(made)
        await world.connections.save_links([link])
        await world.connections.save_links([make_link(beside)])
        eve = await world.user("eve@example.org")

        assert await world.connections.links(made.id, owner=made.user_id) == Success([link])
        assert await world.connections.links(made.id, owner=eve.id) == Success([])
        assert await world.connections.lock_link(link.id, owner=made.user_id) == Success(link)
        assert await world.connections.lock_link(link.id, owner=eve.id) == NO_LINK

    async def test_finds_the_latest_link_of_an_account(self, world: World) -> None:
        account = await world.account()
        user_id = account.user_id
        made = make_connection(user_id, provider=BANKS)
        await world.connections.add(made)
        linked = {"status": LinkStatus.LINKED, "account_id": account.id}
        latest = make_link(made, "new key", linked_at=LATER, **linked)
        earlier = make_link(made, "old key", linked_at=NOON, **linked)
        ignored = make_link(made, "ignored", status=LinkStatus.IGNORED, account_id=account.id)
        await world.connections.save_links([latest, earlier, ignored, make_link(made, "new")])
        eve = await world.user("eve@example.org")

        assert await world.connections.linked(owner=user_id) == Success({account.id: latest})
        assert await world.connections.linked(owner=eve.id) == Success({})

    async def test_finds_no_link_of_a_connection_that_was_ended(self, world: World) -> None:
        account = await world.account()
        beside = make_account(make_connection(account.user_id), "700800900")
        beside = replace(beside, connection_id=account.connection_id)
        await world.accounts.add(beside)
        ended, going_on = (make_connection(account.user_id, provider=BANKS) for _ in "ab")
        await world.connections.add(replace(ended, status=ConnectionStatus.REVOKED))
        await world.connections.add(replace(going_on, status=ConnectionStatus.PAUSED))
        one = make_link(ended, status=LinkStatus.LINKED, account_id=account.id, linked_at=LATER)
        other = make_link(going_on, status=LinkStatus.LINKED, account_id=beside.id, linked_at=NOON)
        await world.connections.save_links([one])
        await world.connections.save_links([other])

        found = await world.connections.linked(owner=account.user_id)

        assert found == Success({beside.id: other})


class ConsentContract:
    """What a `ConnectionRepository` must do with consents."""

    async def test_lists_the_latest_consent_first(self, world: World) -> None:
        made = await bank(world)
        first = make_consent(made, until=LATER, ended_at=NOON)
        second = make_consent(made, institution="Southbank", given_at=LATER)
        for each in (first, second):
            assert await world.connections.add_consent(each) == Success(None)

        found = await world.connections.consents(made.id, owner=made.user_id)

        assert found == Success([second, first])

    async def test_ends_what_has_not_ended_of_one_connection(self, world: World) -> None:
        made, eves = await bank(world), await bank(world, "eve@example.org")
        beside = make_connection(made.user_id, provider=BANKS)
        await world.connections.add(beside)
        over = make_consent(made, ended_at=NOON)
        current, others, hers = make_consent(made), make_consent(beside), make_consent(eves)
        for each in (over, current, others, hers):
            await world.connections.add_consent(each)
        owner = made.user_id

        ended = await world.connections.end_consents(made.id, owner=owner, at=LATER)

        assert ended == Success(None)
        found = await world.connections.consents(made.id, owner=owner)
        assert found == Success([replace(current, ended_at=LATER), over])
        assert await world.connections.consents(beside.id, owner=owner) == Success([others])
        assert await world.connections.consents(eves.id, owner=eves.user_id) == Success([hers])

    async def test_shows_no_consent_of_another_user(self, world: World) -> None:
        made = await bank(world)
        await world.connections.add_consent(make_consent(made))
        eve = await world.user("eve@example.org")

        await world.connections.end_consents(made.id, owner=eve.id, at=LATER)

        assert await world.connections.consents(made.id, owner=eve.id) == Success([])
        found = await world.connections.consents(made.id, owner=made.user_id)
        assert isinstance(found, Success)
        assert [each.ended_at for each in found.value] == [None]


SECRET = Credentials(b"user and password at the bank")


class CredentialVaultContract:
    async def test_reveals_what_was_stored(self, world: World) -> None:
        connection = await world.connection(await world.user())
        owner = connection.user_id

        assert await world.vault.store(connection.id, SECRET, owner=owner) == Success(None)

        assert await world.vault.reveal(connection.id, owner=owner) == Success(SECRET)

    async def test_stores_the_latest(self, world: World) -> None:
        connection = await world.connection(await world.user())
        owner, newer = connection.user_id, Credentials(b"a new password")
        await world.vault.store(connection.id, SECRET, owner=owner)

        await world.vault.store(connection.id, newer, owner=owner)

        assert await world.vault.reveal(connection.id, owner=owner) == Success(newer)

    async def test_reveals_nothing_to_another_user(self, world: World) -> None:
        connection = await world.connection(await world.user())
        await world.vault.store(connection.id, SECRET, owner=connection.user_id)
        stranger = await world.user("eve@example.org")

        found = await world.vault.reveal(connection.id, owner=stranger.id)

        nothing = CredentialsNotFound("There are no credentials for this connection.")
        assert found == Failure(nothing)

    async def test_deletes_credentials_of_one_connection(self, world: World) -> None:
        made = await bank(world)
        beside = make_connection(made.user_id, provider=BANKS)
        await world.connections.add(beside)
        owner, eve = made.user_id, await world.user("eve@example.org")
        for each in (made, beside):
            await world.vault.store(each.id, SECRET, owner=owner)

        assert await world.vault.delete(made.id, owner=eve.id) == Success(None)
        assert await world.vault.reveal(made.id, owner=owner) == Success(SECRET)
        assert await world.vault.delete(made.id, owner=owner) == Success(None)

        assert isinstance(await world.vault.reveal(made.id, owner=owner), Failure)
        assert await world.vault.reveal(beside.id, owner=owner) == Success(SECRET)
        # There is nothing left to delete.
        assert await world.vault.delete(made.id, owner=owner) == Success(None)

    async def test_rewraps_nothing_under_the_current_key(self, world: World) -> None:
        connection = await world.connection(await world.user())
        owner = connection.user_id
        await world.vault.store(connection.id, SECRET, owner=owner)
        await world.pending_steps.store(connection.id, make_pending_step(), owner=owner)
        await world.files.store(b"hers", digest=b"d" * 32, owner=owner)
        await world.previews.add(make_preview(owner), b"march")
        await world.second_factors.upsert(make_second_factor(owner))

        assert await world.key_rotation.rewrap(owner=owner) == Success(0)

    def test_repr_hides_credentials(self) -> None:
        assert "password" not in repr(SECRET)


BYTES = bytes(range(256))
FIELDS = (
    Field(name="tan", label="TAN – 6 digits", is_secret=True),
    Field(name="medium", label="Device", is_optional=True, options=("Phone", "Reader")),
)
STEPS: list[Step] = [
    Redirect(url="https://bank.example/authorise?state=s&scope=a%20b", memory=BYTES),
    Ask(text="Enter the TAN.", fields=FIELDS, memory=BYTES, picture=("image/png", BYTES)),
    Ask(text="Which device?", fields=FIELDS[1:], memory=b""),
    Wait(text="Confirm in the app.", poll_after=5, memory=BYTES),
]
NO_STEP = Failure(NoStepPending("The connection waits for nothing, or not any more."))


class PendingStepsContract:
    @pytest.mark.parametrize("step", STEPS, ids=["redirect", "picture", "options", "wait"])
    async def test_returns_the_step_that_was_stored(self, world: World, step: Step) -> None:
        made, pending = await bank(world), make_pending_step(step)
        owner = made.user_id

        assert await world.pending_steps.store(made.id, pending, owner=owner) == Success(None)

        assert await world.pending_steps.get(made.id, owner=owner, at=NOON) == Success(pending)

    async def test_a_step_expires(self, world: World) -> None:
        made, pending = await bank(world), make_pending_step(expires_at=LATER)
        owner = made.user_id
        await world.pending_steps.store(made.id, pending, owner=owner)
        moment = timedelta(microseconds=1)

        before = await world.pending_steps.get(made.id, owner=owner, at=LATER - moment)

        assert before == Success(pending)
        assert await world.pending_steps.get(made.id, owner=owner, at=LATER) == NO_STEP

    async def test_a_step_replaces_the_one_before(self, world: World) -> None:
        made = await bank(world)
        owner, newer = made.user_id, make_pending_step(STEPS[0], state="another")
        await world.pending_steps.store(made.id, make_pending_step(), owner=owner)

        await world.pending_steps.store(made.id, newer, owner=owner)

        assert await world.pending_steps.get(made.id, owner=owner, at=NOON) == Success(newer)

    async def test_deletes_the_step_of_one_connection(self, world: World) -> None:
        made = await bank(world)
        beside = make_connection(made.user_id, provider=BANKS)
        await world.connections.add(beside)
        owner, pending = made.user_id, make_pending_step()
        for each in (made, beside):
            await world.pending_steps.store(each.id, pending, owner=owner)

        assert await world.pending_steps.delete(made.id, owner=owner) == Success(None)

        assert await world.pending_steps.get(made.id, owner=owner, at=NOON) == NO_STEP
        assert await world.pending_steps.get(beside.id, owner=owner, at=NOON) == Success(pending)
        assert await world.pending_steps.delete(made.id, owner=owner) == Success(None)

    async def test_another_user_finds_and_deletes_nothing(self, world: World) -> None:
        made, pending = await bank(world), make_pending_step()
        await world.pending_steps.store(made.id, pending, owner=made.user_id)
        eve = await world.user("eve@example.org")

        assert await world.pending_steps.get(made.id, owner=eve.id, at=NOON) == NO_STEP
        await world.pending_steps.delete(made.id, owner=eve.id)

        found = await world.pending_steps.get(made.id, owner=made.user_id, at=NOON)
        assert found == Success(pending)

    async def test_a_connection_without_a_step_waits_for_nothing(self, world: World) -> None:
        made = await bank(world)
        nobody = ConnectionId(new_id())

        assert await world.pending_steps.get(made.id, owner=made.user_id, at=NOON) == NO_STEP
        assert await world.pending_steps.get(nobody, owner=made.user_id, at=NOON) == NO_STEP

    def test_repr_hides_secrets(self) -> None:
        pending = make_pending_step(STEPS[0], state="a secret state")

        assert "secret" not in repr(pending)
        assert "bank.example" not in repr(pending)
        assert str(BYTES)[2:40] not in repr(pending)
