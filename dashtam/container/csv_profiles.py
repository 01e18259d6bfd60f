"""Use cases about profiles of CSV files."""

from functools import cached_property

from dashtam.application.ledger.change_csv_profile import ChangeCsvProfile
from dashtam.application.ledger.delete_csv_profile import DeleteCsvProfile
from dashtam.application.ledger.detect_csv_profile import DetectCsvProfile
from dashtam.application.ledger.list_csv_profiles import ListCsvProfiles
from dashtam.application.ledger.save_csv_profile import SaveCsvProfile
from dashtam.application.ledger.show_csv_profile import ShowCsvProfile
from dashtam.container.ledger import Ledger


class CsvProfiles(Ledger):
    """Keeping profiles, and finding out what they should say."""

    @cached_property
    def list_csv_profiles(self) -> ListCsvProfiles:
        return ListCsvProfiles(csv_profiles=self.csv_profiles, **self.basics)

    @cached_property
    def show_csv_profile(self) -> ShowCsvProfile:
        return ShowCsvProfile(csv_profiles=self.csv_profiles, **self.basics)

    @cached_property
    def save_csv_profile(self) -> SaveCsvProfile:
        return SaveCsvProfile(csv_profiles=self.csv_profiles, **self.basics)

    @cached_property
    def change_csv_profile(self) -> ChangeCsvProfile:
        return ChangeCsvProfile(csv_profiles=self.csv_profiles, **self.basics)

    @cached_property
    def delete_csv_profile(self) -> DeleteCsvProfile:
        return DeleteCsvProfile(csv_profiles=self.csv_profiles, **self.basics)

    @cached_property
    def detect_csv_profile(self) -> DetectCsvProfile:
        return DetectCsvProfile(
            read_statement=self.read_statement,
            reading_turns=self.reading_turns,
            sampler=self.csv_sampler,
            **self.basics,
        )
