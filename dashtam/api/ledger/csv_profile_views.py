"""Profiles of CSV files, over HTTP."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from dashtam.api.answers import answer, answer_beside, created, no_content
from dashtam.api.http import read, read_fields, refuse_query
from dashtam.api.ledger.csv_profile_schemas import (
    CsvProfileRequest,
    CsvProfileResponse,
    CsvProfilesResponse,
)
from dashtam.api.ledger.detection_schemas import DetectionResponse
from dashtam.api.ledger.import_forms import CsvForm
from dashtam.api.ledger.scopes import READ_IMPORTS, WRITE_IMPORTS
from dashtam.api.problems import problem
from dashtam.api.session import CallerView
from dashtam.api.uploads import read_upload
from dashtam.application.ledger.csv_profiles import (
    ChangeCsvProfile,
    DeleteCsvProfile,
    DetectCsvProfile,
    SaveCsvProfile,
)
from dashtam.application.ledger.list_csv_profiles import ListCsvProfiles
from dashtam.application.ledger.show_csv_profile import ShowCsvProfile
from domain.shared.ids import ProfileId
from domain.shared.result import Failure, Success


class CsvProfilesView(CallerView):
    """The collection of a user's profiles."""

    scopes = {"get": READ_IMPORTS, "post": WRITE_IMPORTS}
    list_csv_profiles: ListCsvProfiles
    save_csv_profile: SaveCsvProfile

    async def get(self, request: HttpRequest) -> HttpResponse:
        """List profiles by their names."""
        refuse_query(request)
        match await self.list_csv_profiles(user_id=self.caller.user_id):
            case Success(profiles):
                return await answer_beside(CsvProfilesResponse.of, profiles)
            case Failure(error):
                return problem(error, request)

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Keep a profile: files with its header are read by it from now on."""
        body = await read(request, CsvProfileRequest)
        match await self.save_csv_profile(
            user_id=self.caller.user_id, name=body.name, profile=body.profile.profile()
        ):
            case Success(saved):
                return created(CsvProfileResponse.of(saved), f"csv-profiles/{saved.id}")
            case Failure(error):
                return problem(error, request)


class CsvProfileView(CallerView):
    """One profile."""

    scopes = {"get": READ_IMPORTS, "put": WRITE_IMPORTS, "delete": WRITE_IMPORTS}
    show_csv_profile: ShowCsvProfile
    change_csv_profile: ChangeCsvProfile
    delete_csv_profile: DeleteCsvProfile

    async def get(self, request: HttpRequest, csv_profile_id: UUID) -> HttpResponse:
        """Show it."""
        refuse_query(request)
        match await self.show_csv_profile(
            csv_profile_id=ProfileId(csv_profile_id), user_id=self.caller.user_id
        ):
            case Success(saved):
                return answer(CsvProfileResponse.of(saved))
            case Failure(error):
                return problem(error, request)

    async def put(self, request: HttpRequest, csv_profile_id: UUID) -> HttpResponse:
        """Put another in its place, under the same id."""
        body = await read(request, CsvProfileRequest)
        match await self.change_csv_profile(
            csv_profile_id=ProfileId(csv_profile_id),
            user_id=self.caller.user_id,
            name=body.name,
            profile=body.profile.profile(),
        ):
            case Success(saved):
                return answer(CsvProfileResponse.of(saved))
            case Failure(error):
                return problem(error, request)

    async def delete(self, request: HttpRequest, csv_profile_id: UUID) -> HttpResponse:
        """Keep it no longer; what was imported by it stays."""
        match await self.delete_csv_profile(
            csv_profile_id=ProfileId(csv_profile_id), user_id=self.caller.user_id
        ):
            case Success(_):
                return no_content()
            case Failure(error):
                return problem(error, request)


class CsvProfileDetectionView(CallerView):
    """How a file is written."""

    scopes = {"post": WRITE_IMPORTS}
    detect_csv_profile: DetectCsvProfile

    async def post(self, request: HttpRequest) -> HttpResponse:
        """Tell it, with the first rows as they would be read and what is left open."""
        async with read_upload(request, "file", settings.IMPORT_MAX_BYTES) as upload:
            form = read_fields(upload.fields, CsvForm)
            match await self.detect_csv_profile(
                user_id=self.caller.user_id, content=upload.content, hints=form.hints()
            ):
                case Success(sample):
                    return answer(DetectionResponse.of(sample))
                case Failure(error):
                    return problem(error, request)
