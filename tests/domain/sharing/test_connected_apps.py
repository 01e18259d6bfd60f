"""Connected apps: what is allowed, and how access begins and ends."""

from datetime import timedelta

import pytest

from domain.shared.ids import AccountId, UserId, new_id
from domain.shared.result import Failure, Success
from domain.sharing.entities import AppChanges, ConnectedApp
from domain.sharing.errors import InvalidConnectedApp
from domain.sharing.values import AccessKey, SetupToken
from tests.contracts.sharing import digest
from tests.factories import NOON, make_connected_app

TOKEN, OTHER = SetupToken.of(bytes(32)), SetupToken.of(b"7" * 32)
DAY = timedelta(days=1)


@pytest.fixture
def app() -> ConnectedApp:
    return make_connected_app(UserId(new_id()))


class TestSecrets:
    def test_are_alphanumeric(self) -> None:
        key = AccessKey.of(new_id(), bytes(range(32)))

        for text in (TOKEN.text, key.username, key.password):
            assert text.isascii()
            assert text.isalnum()

    def test_are_not_in_a_repr(self, app: ConnectedApp) -> None:
        key = AccessKey.of(new_id(), b"7" * 32)

        assert key.password not in repr(key)
        assert OTHER.text not in repr(OTHER)
        assert "digest" not in repr(app)

    @pytest.mark.parametrize(
        "text", ["", "0" * 63, "0" * 65, "G" * 64, "0" * 64 + "\n", "\u0660" * 64]
    )
    def test_of_another_form_are_no_setup_token(self, text: str) -> None:
        assert isinstance(SetupToken.parse(text), Failure)

    def test_of_their_form_are_read(self) -> None:
        assert SetupToken.parse(TOKEN.text) == Success(TOKEN)

    def test_are_compared_as_a_whole(self) -> None:
        key = AccessKey.of(new_id(), b"7" * 32)
        credentials = f"{key.username}:{key.password}"

        assert AccessKey.digest_of(credentials) == key.digest
        for other in (credentials[:-1], credentials + "0", credentials.replace(":", ""), ""):
            assert AccessKey.digest_of(other) != key.digest

    def test_half_of_a_key_has_another_digest(self) -> None:
        key, other = (AccessKey.of(new_id(), b"7" * 32) for _ in range(2))

        assert key.digest != other.digest


class TestAccess:
    def test_is_given_by_the_setup_token_in_time(self, app: ConnectedApp) -> None:
        assert app.accepts(TOKEN, NOON + DAY - timedelta(seconds=1))
        assert not app.accepts(TOKEN, NOON + DAY)
        assert not app.accepts(OTHER, NOON)

    def test_is_given_once(self, app: ConnectedApp) -> None:
        claimed, event = app.claim(digest(1), NOON)

        assert not claimed.accepts(TOKEN, NOON)
        assert (claimed.access_digest, claimed.claimed_at) == (digest(1), NOON)
        assert (event.subject_id, event.actor.id) == (app.id, app.user_id)

    def test_stays_until_another_setup_token_is_claimed(self, app: ConnectedApp) -> None:
        claimed, _ = app.claim(digest(1), NOON)
        issued, _ = claimed.issue(OTHER, NOON + 9 * DAY)

        assert issued.access_digest == digest(1)
        assert issued.accepts(OTHER, NOON + 9 * DAY)
        assert not issued.accepts(TOKEN, NOON)
        renewed, _ = issued.claim(digest(2), NOON + 9 * DAY)
        assert renewed.access_digest == digest(2)

    def test_is_not_given_after_it_was_revoked(self, app: ConnectedApp) -> None:
        revoked, _ = app.revoke(NOON)

        assert not revoked.is_active
        assert not revoked.accepts(TOKEN, NOON)


class TestChanges:
    @pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 101])
    def test_to_no_name_are_refused(self, app: ConnectedApp, name: str) -> None:
        edited = app.edit(AppChanges(name=name), NOON)

        assert isinstance(edited, Failure)
        assert isinstance(edited.error, InvalidConnectedApp)

    def test_to_no_account_are_refused(self, app: ConnectedApp) -> None:
        assert isinstance(app.edit(AppChanges(account_ids=frozenset()), NOON), Failure)

    def test_are_recorded_by_field(self, app: ConnectedApp) -> None:
        ids = frozenset({AccountId(new_id())})

        changed = app.edit(AppChanges(name=app.name, account_ids=ids), NOON)
        same = app.edit(AppChanges(name=app.name), NOON)

        assert isinstance(changed, Success)
        edited, record = changed.value
        assert edited.account_ids == ids
        assert record is not None
        assert record.details == {"fields": ("account_ids",)}
        assert same == Success((app, None))

    def test_decide_what_is_shared(self, app: ConnectedApp) -> None:
        chosen, other = AccountId(new_id()), AccountId(new_id())
        some = make_connected_app(app.user_id, account_ids=frozenset({chosen}))

        assert [app.shares(chosen, is_hidden) for is_hidden in (False, True)] == [True, False]
        assert [some.shares(chosen, is_hidden) for is_hidden in (False, True)] == [True, True]
        assert not some.shares(other, is_hidden=False)


@pytest.mark.parametrize("count", [1, 4, 200])
def test_the_quota_is_enough_for_ten_synchronisations_a_day(app: ConnectedApp, count: int) -> None:
    """One of n accounts may be n + 1 requests, and all of them come at once."""
    some = make_connected_app(
        app.user_id, account_ids=frozenset(AccountId(new_id()) for _ in range(count))
    )

    for quota in (app.quota(count), some.quota(200)):
        assert quota.burst >= 10 * (count + 1)
        assert quota.per_minute * 60 * 24 >= 10 * (count + 1)
