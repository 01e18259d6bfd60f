"""Rows that were entered under one scheme are known, and told apart, by another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ledger.fingerprints import SeenRow, pairs_to_add, seen_as
from domain.ledger.identity import Identity
from tests.factories import make_row, make_statement

F, G, H, I = (letter.encode() * 32 for letter in "fghi")  # noqa: E741  # as mathematics has it


def names(*numbers: int, of: bytes = F) -> list[Identity]:
    return [Identity(of, number) for number in numbers]


class TestPairs:
    def test_rows_alike_are_paired_by_their_occurrence(self) -> None:
        pairs = pairs_to_add([H, H, I], [*names(1, 2), *names(1, of=G)], {})

        assert pairs == {
            Identity(H, 1): Identity(F, 1),
            Identity(H, 2): Identity(F, 2),
            Identity(I, 1): Identity(G, 1),
        }

    def test_what_is_kept_is_not_added_again(self) -> None:
        kept = pairs_to_add([H, H], names(1, 2), {})

        assert pairs_to_add([H, H], names(1, 2), kept) == {}
        assert pairs_to_add([H], names(1), kept) == {}
        assert pairs_to_add([H] * 3, names(1, 2, 3), kept) == {Identity(H, 3): Identity(F, 3)}

    def test_its_own_identities_are_no_others(self) -> None:
        assert pairs_to_add([F, F], names(1, 2), {}) == {}

    def test_a_coarser_scheme_counts_on_over_all_files(self) -> None:
        first = pairs_to_add([H], names(1), {})
        second = pairs_to_add([H], names(1, of=G), first)

        assert second == {Identity(H, 2): Identity(G, 1)}

    def test_a_coarser_scheme_keeps_the_rows_of_a_file_apart(self) -> None:
        first = pairs_to_add([H], names(1, of=G), {})
        second = pairs_to_add([H, H], [*names(1), *names(1, of=G)], first)

        assert {**first, **second} == {
            Identity(H, 1): Identity(G, 1),
            Identity(H, 2): Identity(F, 1),
        }

    def test_a_finer_scheme_gives_a_name_more_only_where_rows_need_it(self) -> None:
        kept = pairs_to_add([H, I], names(1, 2), {})

        assert pairs_to_add([I], names(1), kept) == {}
        assert pairs_to_add([I, I], names(1, 2), kept) == {Identity(I, 2): Identity(F, 1)}

    def test_what_was_entered_under_the_scheme_keeps_its_place(self) -> None:
        entered = {Identity(H, 1): Identity(H, 1)}

        assert pairs_to_add([H], names(1), entered) == {Identity(H, 2): Identity(F, 1)}

    @given(
        st.lists(st.lists(st.tuples(st.sampled_from([F, G]), st.sampled_from([H, I]))), max_size=6)
    )
    def test_all_rows_of_all_files_are_known_and_no_two_as_one(
        self, files: list[list[tuple[bytes, bytes]]]
    ) -> None:
        read = [([new for _, new in rows], identified([old for old, _ in rows])) for rows in files]
        kept: dict[Identity, Identity] = {}
        for fingerprints, known in read:
            added = pairs_to_add(fingerprints, known, kept)
            assert not added.keys() & kept.keys()
            kept.update(added)

        for fingerprints, _ in read:
            for new in {*fingerprints}:
                own = [each for each in identified(fingerprints) if each.fingerprint == new]
                assert len({kept[each] for each in own}) == len(own)
        for fingerprints, known in read:
            assert pairs_to_add(fingerprints, known, kept) == {}


def identified(fingerprints: list[bytes]) -> list[Identity]:
    return [
        Identity(each, fingerprints[:number].count(each) + 1)
        for number, each in enumerate(fingerprints)
    ]


class TestSeen:
    FILE = (
        make_statement(make_row(line=1), make_row(line=3), make_row(line=3)),
        make_statement(make_row(line=3)),
    )
    SEEN = (
        SeenRow(1, 1, Identity(F, 1)),
        SeenRow(1, 3, Identity(F, 2)),
        SeenRow(1, 3, Identity(G, 1)),
        SeenRow(2, 3, Identity(H, 1)),
    )

    def test_each_row_has_the_identity_it_was_entered_under(self) -> None:
        assert seen_as(self.FILE, self.SEEN) == [
            [Identity(F, 1), Identity(F, 2), Identity(G, 1)],
            [Identity(H, 1)],
        ]
        assert seen_as([], []) == []

    @pytest.mark.parametrize("left_out", range(4))
    def test_a_row_more_or_less_is_another_file(self, left_out: int) -> None:
        fewer = [each for number, each in enumerate(self.SEEN) if number != left_out]

        assert seen_as(self.FILE, fewer) is None
        assert seen_as(self.FILE, [*self.SEEN, self.SEEN[left_out]]) is None

    def test_a_row_elsewhere_is_another_file(self) -> None:
        moved = [*self.SEEN[:3], SeenRow(2, 4, Identity(H, 1))]

        assert seen_as(self.FILE, moved) is None
