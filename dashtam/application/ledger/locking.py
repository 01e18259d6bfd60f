"""Lock accounts, or a transaction of one, in the order in which imports do: or both deadlock."""

from domain.ledger.entities import Account, Transaction
from domain.ledger.errors import AccountNotFound, TransactionNotFound
from domain.ledger.ports import AccountRepository, TransactionRepository
from domain.shared.errors import Unavailable
from domain.shared.ids import AccountId, TransactionId, UserId
from domain.shared.result import Failure, Result


async def lock_accounts(accounts: AccountRepository, user_id: UserId) -> Result[None, Unavailable]:
    """Lock all accounts before their transactions."""
    found = await accounts.all(owner=user_id)
    if isinstance(found, Failure):
        return found
    return await accounts.lock({each.id for each in found.value}, owner=user_id)


async def lock_account(
    accounts: AccountRepository, account_id: AccountId, user_id: UserId
) -> Result[Account, AccountNotFound | Unavailable]:
    """Lock an account, against imports too, and return it as it is then."""
    found = await accounts.get(account_id, owner=user_id)
    if isinstance(found, Failure):
        return found
    locked = await accounts.lock({account_id}, owner=user_id)
    return locked if isinstance(locked, Failure) else await accounts.get(account_id, owner=user_id)


async def lock_transaction(
    accounts: AccountRepository,
    transactions: TransactionRepository,
    transaction_id: TransactionId,
    user_id: UserId,
) -> Result[Transaction, TransactionNotFound | Unavailable]:
    """Lock the account of a transaction, and then the transaction; return it."""
    found = await transactions.get(transaction_id, owner=user_id)
    if isinstance(found, Failure):
        return found
    locked = await accounts.lock({found.value.account_id}, owner=user_id)
    if isinstance(locked, Failure):
        return locked
    return await transactions.lock(transaction_id, owner=user_id)
