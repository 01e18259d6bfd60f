"""Tables of connections."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from adapters.persistence.base import BaseModel, BusinessModel, OwnedForeignKey
from adapters.persistence.identity.models import UserModel


class ConnectionModel(BusinessModel):
    """A user's connection to an institution."""

    user = models.ForeignKey(
        UserModel, on_delete=models.CASCADE, db_index=False, related_name="connections"
    )
    provider = models.CharField(max_length=64)
    institution = models.CharField(max_length=255, blank=True)
    name = models.CharField(max_length=100, blank=True)
    status = models.CharField(max_length=16)
    need = models.CharField(max_length=16, null=True)
    detail = models.CharField(max_length=500, blank=True)
    established_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    attempted_at = models.DateTimeField(null=True)
    complete_at = models.DateTimeField(null=True)
    consent_until = models.DateTimeField(null=True)
    reminded_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "connections_connection"
        verbose_name = "connection"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "institution"],
                condition=models.Q(provider="statement-files"),
                name="connections_connection_of_files",
            ),
        ]


class LinkModel(BusinessModel):
    """An account that a provider reports, and the account of the ledger that it fills."""

    user = models.ForeignKey(UserModel, on_delete=models.CASCADE, db_index=False, related_name="+")
    connection = OwnedForeignKey(ConnectionModel)
    account_key = models.CharField(max_length=255)
    name = models.CharField(max_length=255, blank=True)
    number = models.CharField(max_length=255, blank=True)
    institution = models.CharField(max_length=255, blank=True)
    currency = models.CharField(max_length=255, blank=True)
    kind = models.CharField(max_length=32, blank=True)
    status = models.CharField(max_length=16)
    account_id = models.UUIDField(null=True)
    candidates = ArrayField(models.UUIDField())
    linked_at = models.DateTimeField(null=True)
    wanted_from = models.DateField()
    covered_from = models.DateField(null=True)
    covered_to = models.DateField(null=True)
    answered_at = models.DateTimeField(null=True)
    fingerprint = models.BinaryField()
    import_id = models.UUIDField(null=True)
    missing = models.PositiveSmallIntegerField()
    problem = models.CharField(max_length=16, null=True)
    problem_detail = models.CharField(max_length=500, blank=True)
    problem_since = models.DateTimeField(null=True)

    class Meta:
        db_table = "connections_link"
        verbose_name = "linked account"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "connection", "account_key"], name="connections_link_unique"
            ),
        ]


class ConsentModel(BusinessModel):
    """What a user consented to, from when until when."""

    user = models.ForeignKey(UserModel, on_delete=models.CASCADE, db_index=False, related_name="+")
    connection = OwnedForeignKey(ConnectionModel)
    institution = models.CharField(max_length=255, blank=True)
    given_at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "connections_consent"
        verbose_name = "consent"
        indexes = [
            models.Index(fields=["user", "connection"], name="connections_consent_of"),
        ]


class CredentialModel(BusinessModel):
    """The encrypted credentials of a connection. `key_id` is the key that wraps their key."""

    user = models.ForeignKey(UserModel, on_delete=models.CASCADE, db_index=False, related_name="+")
    connection = OwnedForeignKey(ConnectionModel, related_name="credentials")
    sealed = models.BinaryField()
    key_id = models.CharField(max_length=63)

    class Meta:
        db_table = "connections_credential"
        verbose_name = "credential"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "connection"], name="connections_credential_unique"
            ),
        ]


class PendingStepModel(BusinessModel):
    """The encrypted step that a connection waits for."""

    user = models.ForeignKey(UserModel, on_delete=models.CASCADE, db_index=False, related_name="+")
    connection = OwnedForeignKey(ConnectionModel)
    sealed = models.BinaryField()
    key_id = models.CharField(max_length=63)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "connections_pending_step"
        verbose_name = "pending step"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "connection"], name="connections_pending_step_unique"
            ),
        ]


class ScheduleModel(BaseModel):
    """When a connection is synced next, and who syncs it at present. `id` is the connection's."""

    owner = models.UUIDField()
    due_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=16)
    lease = models.BigIntegerField()
    leased_until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField()

    class Meta:
        db_table = "connections_schedule"
        verbose_name = "schedule"
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(due_at__isnull=False),
                name="connections_schedule_due",
            ),
            models.Index(fields=["owner"], name="connections_schedule_owner"),
        ]


class RequestCountModel(BaseModel):
    """How many requests were sent for a connection, or an account of it, on a day of UTC."""

    owner = models.UUIDField()
    connection_id = models.UUIDField()
    account_key = models.CharField(max_length=255, blank=True)
    day = models.DateField()
    requests = models.PositiveIntegerField()

    class Meta:
        db_table = "connections_request_count"
        verbose_name = "count of requests"
        constraints = [
            models.UniqueConstraint(
                fields=["connection_id", "account_key", "day"],
                name="connections_request_count_unique",
            ),
        ]
        indexes = [
            models.Index(fields=["owner"], name="connections_requests_owner"),
        ]
