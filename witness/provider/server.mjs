// oidc-provider on https loopback: `node server.mjs SETTINGS`, until its standard input ends.
//
// SETTINGS is JSON: {"key", "certificate" (PEM paths), "log" (a path), "clientCertificate" (PEM path, optional),
// "accessTokenLifetime" (seconds, optional)}. The first line on standard output says where it is.
import { X509Certificate } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:https';

import Provider from 'oidc-provider';

import { CERTIFICATE, CONFIDENTIAL, PUBLIC, TENANT, configuration } from './configuration.mjs';
import { translate } from './translation.mjs';

const settings = JSON.parse(process.argv[2]);
const server = createServer({ key: readFileSync(settings.key), cert: readFileSync(settings.certificate) });

server.listen(0, '127.0.0.1', () => {
  const authority = `https://localhost:${server.address().port}`;
  const { accessTokenLifetime } = settings;
  const provider = new Provider(
    `${authority}/${TENANT}/v2.0`,
    configuration(authority, { accessTokenLifetime, certificateKey: clientKey() }),
  );
  provider.use(record);
  provider.use(translate);
  provider.on('server_error', (context, error) => console.error(context.path, error));
  server.on('request', provider.callback());
  console.log(JSON.stringify({
    authority,
    tenantId: TENANT,
    clientId: CONFIDENTIAL.id,
    clientSecret: CONFIDENTIAL.secret,
    publicClientId: PUBLIC.id,
    webClientId: CONFIDENTIAL.id,
    webClientSecret: CONFIDENTIAL.secret,
    certificateClientId: CERTIFICATE.id,
    username: 'zoe@witness.example',
    password: 'any will do',
  }));
});

process.stdin.resume().on('end', () => process.exit(0));

function clientKey() {
  if (!settings.clientCertificate) return undefined;
  return new X509Certificate(readFileSync(settings.clientCertificate)).publicKey.export({ format: 'jwk' });
}

/** Appends each request to the log as one line of JSON, with the form as oidc-provider read it. */
async function record(context, next) {
  const { method, path, headers } = context;
  const query = Object.fromEntries(new URLSearchParams(context.querystring));
  await next();
  const entry = { method, path, headers, query, form: context.oidc?.body, status: context.status };
  appendFileSync(settings.log, `${JSON.stringify(entry)}\n`);
}
