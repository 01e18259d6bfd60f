// The authorisation server of a bank: oidc-provider, with a person who decides at once.
//
// It listens on a free port of this machine, prints that port, and ends with its standard input.
// `login_hint=deny` is a person who does not consent. `POST /clock?advance=SECONDS` moves its clock.

import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const now = Date.now.bind(Date);
let ahead = 0;
Date.now = () => now() + ahead;

const redirects = JSON.parse(process.env.REDIRECT_URIS);
const lifetimes = JSON.parse(process.env.LIFETIMES ?? '{}');

const client = {
  redirect_uris: redirects,
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  id_token_signed_response_alg: 'RS256',
};

const configuration = {
  clients: [
    { ...client, client_id: 'dashtam', client_secret: process.env.CLIENT_SECRET },
    { ...client, client_id: 'dashtam-public', token_endpoint_auth_method: 'none' },
  ],
  cookies: { keys: ['of-a-test'] },
  features: { devInteractions: { enabled: false }, revocation: { enabled: true } },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  issueRefreshToken: () => true,
  pkce: { required: () => true },
  rotateRefreshToken: true,
  scopes: ['openid', 'offline_access', 'accounts'],
  ttl: {
    AccessToken: 1800,
    AuthorizationCode: 30,
    Grant: 7 * 24 * 3600,
    IdToken: 1800,
    Interaction: 600,
    RefreshToken: 7 * 24 * 3600,
    Session: 600,
    ...lifetimes,
  },
};

async function interact(provider, request, response) {
  const { prompt, params, grantId, session } = await provider.interactionDetails(request, response);
  const options = { mergeWithLastSubmission: prompt.name !== 'login' };
  if (params.login_hint === 'deny') {
    const denied = { error: 'access_denied', error_description: 'The person does not consent.' };
    return provider.interactionFinished(request, response, denied, options);
  }
  if (prompt.name === 'login') {
    return provider.interactionFinished(request, response, { login: { accountId: 'ada' } }, options);
  }
  const known = grantId ? await provider.Grant.find(grantId) : undefined;
  const grant = known ?? new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const consent = { grantId: await grant.save() };
  return provider.interactionFinished(request, response, { consent }, options);
}

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  const provider = new Provider(`http://127.0.0.1:${port}`, configuration);
  const serve = provider.callback();
  server.on('request', (request, response) => {
    const url = new URL(request.url, `http://127.0.0.1:${port}`);
    if (url.pathname === '/clock') {
      ahead += 1000 * Number(url.searchParams.get('advance'));
      response.end();
    } else if (url.pathname.startsWith('/interaction/')) {
      interact(provider, request, response).catch((error) => {
        response.statusCode = 500;
        response.end(String(error));
      });
    } else {
      serve(request, response);
    }
  });
  console.log(`listening on ${port}`);
});
process.stdin.on('end', () => process.exit(0)).resume();
