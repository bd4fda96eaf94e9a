// @azure/msal-node, unmodified, signs a user in and then refreshes: `node user.mjs FLOW SERVER BROWSER`.
//
// FLOW is `browser` or `device`; SERVER is what `entratool emulator start --json` printed; BROWSER is a program
// that is given an address, and for `device` the code too. Both access tokens go to standard output, a line each.
import { spawn } from 'node:child_process';

import { PublicClientApplication } from '@azure/msal-node';

const SCOPES = ['https://graph.microsoft.com/User.Read'];

const [flow, server, browser] = [process.argv[2], JSON.parse(process.argv[3]), process.argv[4]];
const { authority, tenantId, publicClientId: clientId } = server;
const knownAuthorities = [new URL(authority).host];
const application = new PublicClientApplication({ auth: { clientId, authority: `${authority}/${tenantId}`, knownAuthorities } });

const open = (...words) => spawn(browser, words, { stdio: ['ignore', 'ignore', 'inherit'] });
const flows = {
  browser: () => application.acquireTokenInteractive({ scopes: SCOPES, openBrowser: async (address) => open(address) }),
  device: () =>
    application.acquireTokenByDeviceCode({
      scopes: SCOPES,
      deviceCodeCallback: ({ verificationUri, userCode }) => open(verificationUri, userCode),
    }),
};

const first = await flows[flow]();
console.log(first.accessToken);
const second = await application.acquireTokenSilent({ account: first.account, scopes: SCOPES, forceRefresh: true });
console.log(second.accessToken);
