"""Cards that write charges without a minus, and minuses among debits and credits."""

from dataclasses import replace

import pytest

from domain.ledger.hints import NO_HINTS, ReadingHints
from domain.ledger.questions import Asked
from domain.ledger.values import Reconciliation
from tests.adapters.statements.csv.reading import EUROS, amounts_of, asked, statement_of

ASKING = replace(EUROS, charges_positive=None)
POSITIVE = replace(EUROS, charges_positive=True)
HEAD = "Date,Description,Amount\n"
#: Rows of which too many have a minus for a card, unless something says that it is one.
CARD_ROWS = "2026-03-15,FUEL,4.00\n2026-03-16,PUB,-1.00\n2026-03-16,BAR,1.00\n"


class TestPayments:
    @pytest.mark.parametrize(
        "thanks",
        [
            "INTERNET PAYMENT - THANK YOU",
            "AUTOPAY PAYMENT THANK YOU",
            "Payment received",
            "ZAHLUNG ERHALTEN. BESTEN DANK.",
            "PAIEMENT REÇU - MERCI",
            "GRACIAS POR SU PAGO",
            "Pagamento recebido",
            "BETALING ONTVANGEN",
            "DANK U VOOR UW BETALING",
            "TACK FÖR DIN BETALNING",
        ],
    )
    def test_with_a_minus_make_other_amounts_charges(self, thanks: str) -> None:
        text = f"{HEAD}2026-03-13,SHOP,12.50\n2026-03-14,{thanks},-100.00\n2026-03-15,FUEL,4.00\n"

        assert amounts_of(text, ASKING) == ["-12.50", "100.00", "-4.00"]

    def test_without_a_minus_leave_them_alone(self) -> None:
        text = f"{HEAD}2026-03-13,SHOP,-12.50\n2026-03-14,PAYMENT RECEIVED - THANK YOU,100.00\n"

        assert amounts_of(text, ASKING) == ["-12.50", "100.00"]

    def test_among_more_charges_with_a_minus_are_asked_about(self) -> None:
        text = f"{HEAD}2026-03-13,THANK YOU FOR YOUR PAYMENT,-12.50\n2026-03-14,BOSS,9.00\n"
        text += "2026-03-15,RENT,-7.00\n2026-03-15,FUEL,-7.00\n"

        assert [each.field for each in asked(text, ASKING)] == [Asked.CHARGES_POSITIVE]

    def test_may_lower_what_is_owed(self) -> None:
        text = (
            "Date,Description,Amount,Balance\n2026-03-13,SHOP,3.00,103.00\n"
            "2026-03-14,PAYMENT - THANK YOU,-42.00,61.00\n2026-03-15,FUEL,5.00,66.00\n"
        )

        (question,) = asked(text, ASKING)
        statement = statement_of(text, POSITIVE)

        assert (question.field, question.suggestion) == (Asked.CHARGES_POSITIVE, None)
        assert [f"{row.amount.amount}" for row in statement.rows] == ["-3.00", "42.00", "-5.00"]
        assert statement.reconciliation is Reconciliation.BALANCED
        assert amounts_of(text, EUROS) == ["3.00", "-42.00", "5.00"]

    def test_beside_others_with_a_minus_turn_nothing_round(self) -> None:
        text = f"{HEAD}2026-03-13,Salary,1200.50\n2026-03-14,Rent,-800.00\n"
        text += "2026-03-15,PAYMENT AMEX THANK YOU,-42.50\n"

        (question,) = asked(text, ASKING)

        assert (question.field, question.suggestion) == (Asked.CHARGES_POSITIVE, None)
        assert amounts_of(text, EUROS) == ["1200.50", "-800.00", "-42.50"]

    def test_beside_others_with_a_minus_are_nothing_against_balances(self) -> None:
        text = (
            "Date,Description,Amount,Balance\n2026-03-13,Salary,1200.50,1200.50\n"
            "2026-03-14,Rent,-800.00,400.50\n2026-03-15,PAYMENT AMEX THANK YOU,-42.50,358.00\n"
        )

        assert amounts_of(text, ASKING) == ["1200.50", "-800.00", "-42.50"]

    def test_lower_what_is_owed_without_any_sign(self) -> None:
        text = (
            "Date,Description,Amount,Balance\n2026-03-12,,,100.00\n2026-03-13,SHOP,3.00,103.00\n"
            "2026-03-14,PAYMENT - THANK YOU,42.00,61.00\n"
        )

        assert amounts_of(text, ASKING) == ["-3.00", "42.00"]


class TestLikeCharges:
    def test_are_asked_about_on_a_card(self) -> None:
        text = (
            "Date,Card Member,Amount\n2026-03-13,A,12.50\n2026-03-14,A,-4.00\n2026-03-15,A,1.00\n"
        )

        (question,) = asked(text, ASKING)

        assert (question.field, question.columns) == (Asked.CHARGES_POSITIVE, ["Amount"])
        assert (question.options, question.suggestion) == (["true", "false"], "true")
        assert question.examples[0] == "2026-03-13 · A · 12.50"
        assert amounts_of(text, POSITIVE) == ["-12.50", "4.00", "-1.00"]
        assert amounts_of(text, EUROS) == ["12.50", "-4.00", "1.00"]

    def test_are_asked_about_if_nearly_all_come_in(self) -> None:
        rows = "".join(f"2026-03-{day},SHOP {day},{day}.50\n" for day in range(13, 20))
        text = f"{HEAD}{rows}2026-03-21,RETURN,-5.00\n"

        assert [each.field for each in asked(text, ASKING)] == [Asked.CHARGES_POSITIVE]

    @pytest.mark.parametrize(
        "text",
        [
            "Kartennummer;Datum;Händler;Betrag\n1;2026-03-13;A;12,50\n1;2026-03-14;B;30,00\n"
            "1;2026-03-15;Gutschrift Shop;-12,50\n",
            "Datum;Händler;Betrag\n2026-03-13;A;12,50\n2026-03-14;Zahlung;-42,50\n",
            "Data;Esercente;Importo\n2026-03-13;A;12,50\n2026-03-14;Rimborso;-2,50\n",
            "Date;Commerçant;Montant\n2026-03-13;A;12,50\n2026-03-14;Avoir B;-2,50\n",
            "Datum;Omschrijving;Bedrag\n2026-03-13;A;12,50\n2026-03-14;Terugbetaling B;-2,50\n",
            "Data;Opis;Kwota\n2026-03-13;A;12,50\n2026-03-14;Zwrot B;-2,50\n",
            "Fecha;Concepto;Importe\n2026-03-13;A;12,50\n2026-03-14;Reembolso B;-2,50\n",
            f"{HEAD}2026-03-13,Netflix,12.50\n2026-03-14,Grocer,30\n2026-03-15,Fuel,20\n"
            "2026-03-16,Refund Grocer,-5.00\n",
            "Date;Description;Amount\n2026-03-13;SHOP A;12,50\n2026-03-14;SHOP B;30,00\n"
            "2026-03-15;DIRECT DEBIT PAYMENT;-42,50\n",
        ],
    )
    def test_are_asked_about_beside_what_comes_back(self, text: str) -> None:
        (question,) = asked(text, ASKING)

        assert (question.field, question.options) == (Asked.CHARGES_POSITIVE, ["true", "false"])
        assert amounts_of(text, POSITIVE)[0] == "-12.50"

    @pytest.mark.parametrize(
        "rows",
        [
            "2026-03-13,Salary,1200\n2026-03-14,Rent,-800\n2026-03-15,Refund to Ann,-5\n",
            "2026-03-13,Salary,1200\n2026-03-14,Payment,-800\n",
            "2026-03-13,Refund,12\n2026-03-14,Shop,-80\n2026-03-15,Refund,-5\n",
            "2026-03-13,Payment,12\n2026-03-14,Payment,-80\n2026-03-15,Payment,-5\n",
            "2026-03-13,Salary March,1200\n2026-03-14,Ann,80\n2026-03-15,Rent,-5\n",
        ],
    )
    def test_are_none_among_income_and_spending(self, rows: str) -> None:
        assert amounts_of(HEAD + rows, ASKING)[-1].startswith("-")

    def test_are_none_where_a_shop_pays_fees(self) -> None:
        text = (
            "Date,Type,Amount,Fee,Net\n2026-03-13,charge,100.00,3.20,96.80\n"
            "2026-03-14,charge,50.00,2.00,48.00\n2026-03-15,refund,-20.00,0.00,-20.00\n"
        )

        assert amounts_of(text, ASKING)[-1] == "-20.00"

    def test_are_likely_where_payments_and_refunds_have_a_minus(self) -> None:
        text = f"{HEAD}2026-03-13,Shop,12.50\n2026-03-14,PAYMENT THANK YOU,-7.50\n"

        (question,) = asked(f"{text}2026-03-14,Refund Shop,-5.00\n", ASKING)

        assert question.suggestion == "true"

    def test_are_none_if_balances_follow_though_a_payment_goes_out(self) -> None:
        text = (
            "Date,Description,Amount,Balance\n2026-03-13,Salary,100.00,100.00\n"
            "2026-03-14,Gift,10.00,110.00\n2026-03-15,Direct debit payment,-1.00,109.00\n"
        )

        assert amounts_of(text, ASKING) == ["100.00", "10.00", "-1.00"]

    def test_are_asked_about_at_once_if_the_account_may_be_called_a_card(self) -> None:
        text = (
            "Date,Description,Amount,Balance\n2026-03-13,Shop,20.00,120.00\n"
            "2026-03-14,Payment,-100.00,20.00\n2026-03-15,Fuel,30.00,50.00\n"
        )
        first = {each.field for each in asked(text, NO_HINTS)}

        assert first == {Asked.CHARGES_POSITIVE, Asked.CURRENCY, Asked.ACCOUNT}
        for name in ("Card", "Giro"):
            named = replace(EUROS, account=name)
            turned = statement_of(text, replace(named, charges_positive=True))
            assert [str(row.amount.amount) for row in turned.rows] == ["-20.00", "100.00", "-30.00"]
            assert turned.reconciliation is Reconciliation.BALANCED
            assert amounts_of(text, named) == ["20.00", "-100.00", "30.00"]
        assert amounts_of(text, replace(ASKING, account="Giro")) == ["20.00", "-100.00", "30.00"]
        stated = f"IBAN,DE02120300000000202051\n{text}"
        assert [each.field for each in asked(stated, NO_HINTS)] == [Asked.CURRENCY]

    def test_are_none_if_balances_follow_whatever_is_answered(self) -> None:
        text = (
            "Date,Description,Amount,Balance\n2026-03-13,A,-4.50,95.50\n"
            "2026-03-14,B,10.00,105.50\n2026-03-15,C,-1.00,104.50\n"
        )
        older_last = "\n".join([text.split("\n")[0], *text.split("\n")[3:0:-1], ""])

        for hints in (ASKING, POSITIVE, EUROS):
            assert amounts_of(text, hints) == ["-4.50", "10.00", "-1.00"]
            assert amounts_of(older_last, hints) == ["-1.00", "10.00", "-4.50"]

    def test_are_not_asked_about_in_a_short_list(self) -> None:
        text = f"{HEAD}2026-03-13,SHOP,-12.50\n2026-03-14,BOSS,100.00\n"

        assert amounts_of(text, ASKING) == ["-12.50", "100.00"]

    @pytest.mark.parametrize(
        ("above", "below"),
        [
            ("", "2026-03-15,FUEL,4.00\n"),
            ("Card number,************1234\n\n", CARD_ROWS),
            ("Statement of your VISA card\n\n", CARD_ROWS),
        ],
    )
    def test_are_asked_about_whatever_is_beside_a_minus(self, above: str, below: str) -> None:
        text = f"{above}{HEAD}2026-03-13,SHOP,12.50\n2026-03-14,BANK TRANSFER,-100.00\n{below}"

        (question,) = asked(text, ASKING)

        likely = "true" if above else None
        assert (question.field, question.suggestion) == (Asked.CHARGES_POSITIVE, likely)
        assert amounts_of(text, POSITIVE)[:2] == ["-12.50", "100.00"]

    def test_are_not_suggested_because_an_account_receives_more_than_it_pays(self) -> None:
        text = f"{HEAD}2026-03-13,A,500\n2026-03-14,B,5\n2026-03-15,C,7\n2026-03-16,D,-8.10\n"

        (question,) = asked(text, ASKING)

        assert (question.field, question.suggestion) == (Asked.CHARGES_POSITIVE, None)

    @pytest.mark.parametrize("name", ["My Visa", "Kreditkarte Ann", "carte bleue"])
    def test_are_asked_about_if_the_account_is_called_a_card(self, name: str) -> None:
        text = f"{HEAD}2026-03-13,A,12.50\n2026-03-14,B,-100.00\n2026-03-15,C,4.00\n"
        text += "2026-03-15,D,-4.00\n2026-03-15,E,1.00\n"

        assert amounts_of(text, ASKING)[0] == "12.50"
        (question,) = asked(text, replace(ASKING, account=name))
        assert (question.field, question.suggestion) == (Asked.CHARGES_POSITIVE, "true")

    def test_are_asked_about_if_one_balance_proves_nothing(self) -> None:
        text = "Date,Description,Amount,Balance\n2026-03-13,A,12.50,\n2026-03-14,B,1.00,\n"

        assert asked(f"{text}2026-03-15,BANK TRANSFER,-3.00,10.00\n", ASKING)


class TestMarks:
    @pytest.mark.parametrize("credit", ["+100.00", "100.00 CR", "100.00Cr.", "+ £100.00 CR"])
    @pytest.mark.parametrize("hints", [ASKING, POSITIVE, EUROS])
    def test_of_credits_alone_make_the_others_charges(
        self, credit: str, hints: ReadingHints
    ) -> None:
        text = f"{HEAD}2026-03-13,SHOP,12.50\n2026-03-14,PAYMENT,{credit}\n"

        assert amounts_of(text, hints) == ["-12.50", "100.00"]

    @pytest.mark.parametrize("hints", [ASKING, POSITIVE, EUROS])
    def test_of_both_are_not_overridden(self, hints: ReadingHints) -> None:
        text = f"{HEAD}2026-03-13,SHOP,12.50 S\n2026-03-14,BOSS,100.00 H\n"

        assert amounts_of(text, hints) == ["-12.50", "100.00"]


class TestMinusAmongCredits:
    HEAD = "Date,Description,Debit,Credit\n2026-03-13,SHOP,12.50,\n"

    def test_is_asked_about(self) -> None:
        text = f"{self.HEAD}2026-03-14,MOBILE PYMT,,-100.00\n"

        (question,) = asked(text, ASKING)

        assert (question.field, question.columns) == (Asked.CHARGES_POSITIVE, ["Credit"])
        assert amounts_of(text, POSITIVE) == ["-12.50", "100.00"]
        assert amounts_of(text, EUROS) == ["-12.50", "-100.00"]

    def test_is_none_of_a_payment(self) -> None:
        text = f"{self.HEAD}2026-03-14,PAYMENT THANK YOU,,-100.00\n"

        assert amounts_of(text, ASKING) == ["-12.50", "100.00"]

    def test_undoes_a_credit_beside_others(self) -> None:
        text = f"{self.HEAD}2026-03-14,BOSS,,20.00\n2026-03-15,BOSS,,-20.00\n"

        assert amounts_of(text, ASKING) == ["-12.50", "20.00", "-20.00"]

    @pytest.mark.parametrize(("balance", "amount"), [("137.50", "50.00"), ("37.50", "-50.00")])
    def test_is_decided_by_the_balance(self, balance: str, amount: str) -> None:
        text = (
            "Date,Description,Debit,Credit,Balance\n2026-03-13,SHOP,12.50,,87.50\n"
            f"2026-03-14,X,,-50.00,{balance}\n"
        )

        assert amounts_of(text, ASKING) == ["-12.50", amount]

    def test_undoes_a_debit_if_the_balance_says_so(self) -> None:
        text = (
            "Date,Description,Debit,Credit,Balance\n2026-03-13,SHOP,12.50,,87.50\n"
            "2026-03-14,SHOP,-12.50,,100.00\n2026-03-15,PAY,,1.00,101.00\n"
        )

        assert amounts_of(text, ASKING) == ["-12.50", "12.50", "1.00"]


class TestMinusAmongDebits:
    def test_of_most_leaves_what_came_back(self) -> None:
        text = (
            "Date;Text;Debit;Credit;Currency\n2026-03-13;RENT;-1500.00;;EUR\n"
            "2026-03-14;SHOP;-20.00;;EUR\n2026-03-15;Reversal of rent;1500.00;;EUR\n"
        )

        assert amounts_of(text, ASKING) == ["-1500.00", "-20.00", "1500.00"]


class TestTurnedRound:
    AMOUNTS = (
        "Date,Description,Amount,Balance\n2026-03-13,A,3.00,97.00\n2026-03-14,B,-42.00,139.00\n"
        "2026-03-15,C,5.00,134.00\n"
    )
    PAIR = (
        "Date,Description,Debit,Credit,Balance\n2026-03-13,A,3.00,,103.00\n"
        "2026-03-14,B,,42.00,61.00\n2026-03-15,C,5.00,,66.00\n"
    )

    def test_amounts_are_asked_about(self) -> None:
        (question,) = asked(self.AMOUNTS, ASKING)

        assert (question.field, question.columns) == (Asked.CHARGES_POSITIVE, ["Amount"])
        assert "“Balance”" in question.reason
        for hints, first in ((POSITIVE, "-3.00"), (EUROS, "3.00")):
            statement = statement_of(self.AMOUNTS, hints)
            assert f"{statement.rows[0].amount.amount}" == first
            assert statement.reconciliation is Reconciliation.BALANCED

    def test_pairs_are_asked_about(self) -> None:
        (question,) = asked(self.PAIR, ASKING)

        assert (question.field, question.options) == ("columns.debit", ["Debit", "Credit"])
        assert question.columns == ["Debit", "Credit", "Balance"]
