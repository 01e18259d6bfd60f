"""The kinds of accounts, balances and transactions."""

from enum import StrEnum


class AccountKind(StrEnum):
    """The kind of an account."""

    CHECKING = "checking"
    SAVINGS = "savings"
    MONEY_MARKET = "money_market"
    CREDIT_LINE = "credit_line"
    CERTIFICATE_OF_DEPOSIT = "certificate_of_deposit"
    CREDIT_CARD = "credit_card"
    INVESTMENT = "investment"
    OTHER = "other"


class BalanceKind(StrEnum):
    """The kind of a balance: booked, available, or at the beginning of the statement."""

    BOOKED = "booked"
    AVAILABLE = "available"
    OPENING = "opening"


class TransactionKind(StrEnum):
    """The kind of a transaction (OFX 2.2, 11.4.3.1 for banks and cards, 13.9.2 for trades)."""

    CREDIT = "credit"
    DEBIT = "debit"
    INTEREST = "interest"
    DIVIDEND = "dividend"
    FEE = "fee"
    SERVICE_CHARGE = "service_charge"
    DEPOSIT = "deposit"
    ATM = "atm"
    POINT_OF_SALE = "point_of_sale"
    TRANSFER = "transfer"
    CHECK = "check"
    PAYMENT = "payment"
    CASH = "cash"
    DIRECT_DEPOSIT = "direct_deposit"
    DIRECT_DEBIT = "direct_debit"
    REPEATING_PAYMENT = "repeating_payment"
    HOLD = "hold"
    BUY = "buy"
    SELL = "sell"
    INCOME = "income"
    REINVESTMENT = "reinvestment"
    RETURN_OF_CAPITAL = "return_of_capital"
    SPLIT = "split"
    OTHER = "other"
