// Sets a new Actual server up with a setup token, links every account, synchronises twice, and prints
// as JSON what Actual has then. Arguments: the URL of the server, a directory, and the setup token.

import * as api from '@actual-app/api';

const [serverURL, dataDir, setupToken] = process.argv.slice(2);
const password = 'a password of this run alone';
const print = (...words) => console.error(...words);
// What the library logs does not belong into the result.
console.log = console.info = console.debug = print;

async function post(path, body, token) {
  const response = await fetch(`${serverURL}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(token && { 'X-ACTUAL-TOKEN': token }) },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (answer.status !== 'ok') throw new Error(`${path}: ${JSON.stringify(answer)}`);
  return answer.data;
}

async function transactionsOf(accounts) {
  const found = {};
  for (const account of accounts) {
    const rows = await api.getTransactions(account.id, '1970-01-01', '2100-01-01');
    found[account.account_id] = {
      name: account.name,
      balance: await api.getAccountBalance(account.id, new Date('2100-01-01')),
      transactions: rows.map(row => ({
        id: row.imported_id ?? null,
        date: row.date,
        amount: row.amount,
        cleared: row.cleared,
        starting: row.starting_balance_flag ?? false,
        notes: row.notes,
        payee: row.imported_payee ?? null,
      })),
    };
  }
  return found;
}

await post('/account/bootstrap', { password });
const { token } = await post('/account/login', { loginMethod: 'password', password });
await post('/secret', { name: 'simplefin_token', value: setupToken }, token);
const { send } = await api.init({ dataDir, serverURL, password });
await send('create-budget', { budgetName: 'Household', avoidUpload: true });
const answer = await send('simplefin-accounts');
if (!answer.accounts) throw new Error(`Actual got no accounts: ${JSON.stringify(answer)}`);
for (const account of answer.accounts) {
  await send('simplefin-accounts-link', {
    externalAccount: {
      account_id: account.id,
      name: account.name,
      institution: account.org.name,
      orgDomain: account.org.domain,
      orgId: account.org.id,
      balance: account.balance,
    },
    offBudget: false,
  });
}
const linked = (await send('accounts-get')).filter(each => each.account_sync_source);
await api.runBankSync();
const first = await transactionsOf(linked);
await api.runBankSync();
const second = await transactionsOf(linked);
await api.shutdown();
process.stdout.write(JSON.stringify({ first, second }) + '\n', () => process.exit(0));
