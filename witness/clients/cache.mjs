// @azure/msal-node, unmodified, with its token cache in a file: `node cache.mjs JOB SERVER FILE`.
//
// JOB is `sign-in` (fills the cache), `silent` or `refresh` (for the account in it), or `application`. SERVER is what
// `entratool emulator start --json` printed. FILE holds MSAL's JSON. The access token goes to standard output.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

import { ConfidentialClientApplication, PublicClientApplication } from '@azure/msal-node';

const USER = ['https://graph.microsoft.com/User.Read'];
const APPLICATION = ['https://graph.microsoft.com/.default'];

const [job, server, file] = [process.argv[2], JSON.parse(process.argv[3]), process.argv[4]];
const { authority, tenantId, clientId, clientSecret, publicClientId, username } = server;
const { host, hostname } = new URL(authority);
const cachePlugin = {
  beforeCacheAccess: async (context) => existsSync(file) && context.tokenCache.deserialize(readFileSync(file, 'utf8')),
  afterCacheAccess: async (context) => context.cacheHasChanged && writeFileSync(file, context.tokenCache.serialize()),
};
const auth = { authority: `${authority}/${tenantId}`, knownAuthorities: [host], cloudDiscoveryMetadata: discovered() };
const user = () => new PublicClientApplication({ auth: { ...auth, clientId: publicClientId }, cache: { cachePlugin } });

const jobs = {
  'sign-in': () => user().acquireTokenByDeviceCode({ scopes: USER, deviceCodeCallback: approve }),
  silent: () => silently(user(), {}),
  refresh: () => silently(user(), { forceRefresh: true }),
  application: () => {
    const service = new ConfidentialClientApplication({ auth: { ...auth, clientId, clientSecret }, cache: { cachePlugin } });
    return service.acquireTokenByClientCredential({ scopes: APPLICATION });
  },
};

console.log((await jobs[job]()).accessToken);

async function silently(application, options) {
  const [account] = await application.getTokenCache().getAllAccounts();
  return application.acquireTokenSilent({ account, scopes: USER, ...options });
}

/** What instance discovery says of Entra ID's clouds: one authority, with and without the port, is one environment. */
function discovered() {
  const endpoint = `${authority}/${tenantId}/v2.0/.well-known/openid-configuration`;
  const metadata = [{ preferred_network: host, preferred_cache: hostname, aliases: [host, hostname] }];
  return JSON.stringify({ tenant_discovery_endpoint: endpoint, 'api-version': '1.1', metadata });
}

/** Does what the user at the other device would. */
async function approve({ userCode }) {
  const body = JSON.stringify({ userCode, decision: { approve: username } });
  await fetch(`${authority}/__emulator/devices`, { method: 'POST', body });
}
