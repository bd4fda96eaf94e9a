// @azure/msal-node or @azure/identity, unmodified, gets an application token: `node client_credentials.mjs PACKAGE SERVER`.
//
// SERVER is what `entratool emulator start --json` printed. The access token goes to standard output.
import { ClientSecretCredential } from '@azure/identity';
import { ConfidentialClientApplication } from '@azure/msal-node';

const SCOPES = ['https://graph.microsoft.com/.default'];

const [client, server] = [process.argv[2], JSON.parse(process.argv[3])];
const { authority, tenantId, clientId, clientSecret } = server;

const clients = {
  'msal-node': async () => {
    const knownAuthorities = [new URL(authority).host];
    const auth = { clientId, clientSecret, authority: `${authority}/${tenantId}`, knownAuthorities };
    const result = await new ConfidentialClientApplication({ auth }).acquireTokenByClientCredential({ scopes: SCOPES });
    return result.accessToken;
  },
  'azure-identity': async () => {
    const options = { authorityHost: authority, disableInstanceDiscovery: true };
    const credential = new ClientSecretCredential(tenantId, clientId, clientSecret, options);
    return (await credential.getToken(SCOPES)).token;
  },
};

console.log(await clients[client]());
