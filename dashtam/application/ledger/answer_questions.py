"""Questions about a file that is stored: list them, and import it with the answers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dashtam.application.audit.refusals import audit_failures
from dashtam.application.contention import retry_on_conflict
from dashtam.application.ledger.import_pipeline import ImportPipeline, PipelineError
from dashtam.application.ledger.progress import NO_PROGRESS
from dashtam.application.ledger.read_statement import ProfileHints
from dashtam.application.ledger.store_file import StoreFile
from dashtam.application.use_case import UseCase
from domain.ledger.actions import QUESTIONS_VIEWED
from domain.ledger.errors import HintNeeded, ImportIsRunning, ImportNotFound, NoQuestionOpen
from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.imports import ImportRequest, ImportStatus, StatementImport
from domain.ledger.ports import FileArchive, ImportRepository
from domain.ledger.questions import Question
from domain.shared.errors import Unavailable
from domain.shared.events import Actor, ResourceType
from domain.shared.ids import AccountId, ImportId, ProfileId, UserId
from domain.shared.result import Failure, Result, Success


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a user says about a file: hints, and the account or the profile to use."""

    hints: ReadingHints = NO_HINTS
    account_id: AccountId | None = None
    csv_profile_id: ProfileId | None = None


AnswerError = ImportNotFound | NoQuestionOpen | ImportIsRunning | PipelineError


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuestions(UseCase):
    """List what a stored file leaves open; it is read again for that."""

    imports: ImportRepository
    files: FileArchive
    import_pipeline: ImportPipeline

    @audit_failures("questions.view", ResourceType.IMPORT)
    @retry_on_conflict
    async def __call__(
        self, *, import_id: ImportId, user_id: UserId
    ) -> Result[Sequence[Question], ImportNotFound | PipelineError]:
        found = await self._request(import_id, user_id)
        if isinstance(found, Failure):
            return found
        questions: Sequence[Question] = []
        if found.value:
            # Without a transaction: the file may have to wait until it is read.
            read = await self.import_pipeline.dry_run(found.value)
            if isinstance(read, Failure):
                if not isinstance(read.error, HintNeeded):
                    return read
                questions = read.error.questions
        viewed = QUESTIONS_VIEWED.record(
            subject_id=import_id, actor=Actor.user(user_id), occurred_at=self.clock.now()
        )
        async with self.unit_of_work(owner=user_id) as uow:
            await uow.commit(viewed)
        return Success(questions)

    async def _request(
        self, import_id: ImportId, owner: UserId
    ) -> Result[ImportRequest | None, ImportNotFound | Unavailable]:
        """Return the request with its file, unless no question is open."""
        async with self.unit_of_work(owner=owner):
            found = await self.imports.get(import_id, owner=owner)
            if isinstance(found, Failure):
                return found
            if found.value.status is not ImportStatus.ASKED:
                return Success(None)
            content = await self.files.get(found.value.digest, owner=owner)
        if isinstance(content, Failure):
            return content
        return Success(found.value.request(content.value))


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerQuestions(UseCase):
    """Import a stored file with answers to its questions: a small one at once, others later.

    Where something else is open afterwards, a small file is not imported, and the answers that were
    of use are stored. Answers with which it cannot be imported at all change nothing.
    """

    imports: ImportRepository
    files: FileArchive
    profile_hints: ProfileHints
    store_file: StoreFile
    import_pipeline: ImportPipeline
    background_bytes: int

    @audit_failures("statement.answer", ResourceType.IMPORT)
    @retry_on_conflict
    async def __call__(
        self, answers: Answers, *, import_id: ImportId, user_id: UserId
    ) -> Result[StatementImport, AnswerError]:
        hints = await self._hints(answers, user_id)
        if isinstance(hints, Failure):
            return hints
        stated = replace(answers, hints=replace(hints.value, csv_profiles=()))
        async with self.unit_of_work(owner=user_id) as uow:
            answered = await self._answered(stated, import_id, user_id)
            if isinstance(answered, Failure):
                return answered
            waiting = answered.value
            content = await self.files.get(waiting.digest, owner=user_id)
            if isinstance(content, Failure):
                return content
            if waiting.size > self.background_bytes:
                stored = await self.store_file(waiting, content.value, is_known=True)
                if isinstance(stored, Failure):
                    return stored
                await uow.commit(waiting.submitted())
                return Success(waiting)
        done = await self._import(waiting.request(content.value), stated, import_id)
        if isinstance(done, Failure) and isinstance(done.error, HintNeeded):
            return await self._ask_again(done.error, stated, import_id, user_id)
        return done

    async def _ask_again(
        self, asked: HintNeeded, answers: Answers, import_id: ImportId, owner: UserId
    ) -> Result[StatementImport, AnswerError]:
        """Store the answers that were of use, and ask what is still open."""
        fields = {question.field for question in asked.questions}
        async with self.unit_of_work(owner=owner) as uow:
            answered = await self._answered(answers, import_id, owner)
            if isinstance(answered, Failure):
                return answered
            waiting, refused = answered.value.refuse(asked, at=self.clock.now())
            waiting = replace(waiting, hints=waiting.hints.without(fields))
            stored = await self.imports.complete(waiting)
            if isinstance(stored, Failure):
                return stored
            await uow.commit(refused)
        return Failure(replace(asked, import_id=import_id))

    async def _import(
        self, request: ImportRequest, answers: Answers, import_id: ImportId
    ) -> Result[StatementImport, AnswerError]:
        prepared = await self.import_pipeline.prepare(request)
        if isinstance(prepared, Failure):
            return prepared
        async with self.unit_of_work(owner=request.user_id) as uow:
            # Somebody else may have answered in the meantime.
            answered = await self._answered(answers, import_id, request.user_id)
            if isinstance(answered, Failure):
                return answered
            entered = await self.import_pipeline.enter(
                prepared.value, import_id, self.imports.complete, NO_PROGRESS
            )
            if isinstance(entered, Failure):
                return entered
            done, events = entered.value
            await uow.commit(*events)
        return Success(done)

    async def _answered(
        self, answers: Answers, import_id: ImportId, owner: UserId
    ) -> Result[StatementImport, ImportNotFound | NoQuestionOpen | ImportIsRunning | Unavailable]:
        """Lock the import; return it as it is with these answers."""
        locked = await self.imports.lock(import_id, owner=owner)
        if isinstance(locked, Failure):
            return locked
        return locked.value.answer(answers.hints, answers.account_id, at=self.clock.now())

    async def _hints(
        self, answers: Answers, user_id: UserId
    ) -> Result[ReadingHints, PipelineError]:
        """Return the hints with the profile that is named, if one is."""
        if answers.csv_profile_id is None:
            return Success(answers.hints)
        request = ImportRequest(
            user_id=user_id,
            file_name="",
            content=b"",
            hints=answers.hints,
            csv_profile_id=answers.csv_profile_id,
        )
        return await self.profile_hints(request)
