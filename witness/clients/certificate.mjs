// @azure/msal-node or @azure/identity, unmodified, proves an application with a certificate: `node certificate.mjs PACKAGE SETTINGS`.
//
// SETTINGS is what `entratool emulator start --json` printed, with "certificateClientId", and "key", "certificate" and
// "bundle" (both in one file), paths of PEM files. The access token goes to standard output.
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { ClientCertificateCredential } from '@azure/identity';
import { ConfidentialClientApplication } from '@azure/msal-node';

const SCOPES = ['https://graph.microsoft.com/.default'];

const [client, settings] = [process.argv[2], JSON.parse(process.argv[3])];
const { authority, tenantId, certificateClientId: clientId, bundle } = settings;

const clients = {
  'msal-node': async () => {
    const knownAuthorities = [new URL(authority).host];
    const x5c = readFileSync(settings.certificate, 'utf8');
    const thumbprintSha256 = new X509Certificate(x5c).fingerprint256.replaceAll(':', '');
    const clientCertificate = { thumbprintSha256, privateKey: readFileSync(settings.key, 'utf8'), x5c };
    const auth = { clientId, clientCertificate, authority: `${authority}/${tenantId}`, knownAuthorities };
    const result = await new ConfidentialClientApplication({ auth }).acquireTokenByClientCredential({ scopes: SCOPES });
    return result.accessToken;
  },
  'azure-identity': async () => {
    const options = { authorityHost: authority, disableInstanceDiscovery: true };
    const credential = new ClientCertificateCredential(tenantId, clientId, { certificatePath: bundle }, options);
    return (await credential.getToken(SCOPES)).token;
  },
};

console.log(await clients[client]());
