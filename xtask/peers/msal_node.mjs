// @azure/msal-node gets an application token: `node msal_node.mjs SERVER [CACHE]`.
//
// SERVER is what `entratool emulator start --json` printed; CACHE is a file, which holds MSAL's JSON.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

import { ConfidentialClientApplication } from '@azure/msal-node';

const { authority, tenantId, clientId, clientSecret } = JSON.parse(process.argv[2]);
const file = process.argv[3];
const cachePlugin = file && {
  beforeCacheAccess: async (context) => existsSync(file) && context.tokenCache.deserialize(readFileSync(file, 'utf8')),
  afterCacheAccess: async (context) => context.cacheHasChanged && writeFileSync(file, context.tokenCache.serialize()),
};
const tenant = `${authority}/${tenantId}`;
// It knows Microsoft's endpoints by heart, and is to know these as well.
const authorityMetadata = JSON.stringify({
  issuer: `${tenant}/v2.0`,
  authorization_endpoint: `${tenant}/oauth2/v2.0/authorize`,
  token_endpoint: `${tenant}/oauth2/v2.0/token`,
  jwks_uri: `${tenant}/discovery/v2.0/keys`,
});
const auth = { clientId, clientSecret, authority: tenant, knownAuthorities: [new URL(authority).host], authorityMetadata };
const application = new ConfidentialClientApplication({ auth, cache: { cachePlugin } });
const { accessToken } = await application.acquireTokenByClientCredential({ scopes: ['https://graph.microsoft.com/.default'] });
console.log(accessToken);
