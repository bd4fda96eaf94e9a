// What no configuration of oidc-provider can express: Entra's habits on the wire, as one middleware.
import { randomUUID } from 'node:crypto';

import { TENANT, accountClaims } from './configuration.mjs';

const CODES = {
  authorization_pending: 70016,
  expired_token: 70020,
  invalid_client: 7000215,
  invalid_grant: 70000,
  invalid_scope: 70011,
};

/** Rewrites a request before oidc-provider sees it, and its answer afterwards. */
export async function translate(context, next) {
  toProvider(context);
  await next();
  fromProvider(context);
}

function toProvider(context) {
  // oidc-provider serves its metadata beside the issuer; it expects to be mounted there.
  if (context.path === `/${TENANT}/v2.0/.well-known/openid-configuration`) {
    context.path = '/.well-known/openid-configuration';
  }
  // oidc-provider ignores `offline_access` unless consent is asked for; Entra does not.
  if (context.path.endsWith('/authorize') && !context.query.prompt) {
    context.query = { ...context.query, prompt: 'consent' };
  }
}

function fromProvider(context) {
  const answer = context.body;
  const oidc = context.oidc;
  if (!answer || !oidc) return;
  if (answer.access_token) {
    answer.ext_expires_in = answer.expires_in;
    const account = oidc.entities.Account;
    if (account && oidc.body.client_info) answer.client_info = clientInfo(account.accountId);
  }
  if (answer.error && answer.error_description !== undefined) {
    Object.assign(answer, refusal(answer, context.get('client-request-id')));
  }
}

/** Entra's name for an account: base64url of `{"uid":…,"utid":…}`. */
function clientInfo(login) {
  const { oid: uid, tid: utid } = accountClaims(login);
  return Buffer.from(JSON.stringify({ uid, utid })).toString('base64url');
}

/** The members that Entra adds to an OAuth error. */
function refusal({ error, error_description: text }, requestId) {
  const code = CODES[error] ?? 9002313;
  const trace = randomUUID();
  const correlation = requestId || randomUUID();
  const timestamp = new Date().toISOString().replace('T', ' ').replace(/\.\d+/, '');
  const ids = `Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`;
  return {
    error_description: `AADSTS${code}: ${text}. ${ids}`,
    error_codes: [code],
    timestamp,
    trace_id: trace,
    correlation_id: correlation,
  };
}
