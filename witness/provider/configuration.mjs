// How oidc-provider is configured so that its addresses, scopes and tokens look like Entra's.
import { createHash, generateKeyPairSync } from 'node:crypto';

export const TENANT = '3f4d3c6a-8a1e-4b7e-9f2a-6d1c5b0e7a91';
export const GRAPH = 'https://graph.microsoft.com';

// One secret has every character that form-encoding must take care of.
export const CONFIDENTIAL = { id: '6a1f0f0e-52b5-4f0c-8a53-0d9c1c7f2e10', secret: 'w1tn3ss~secret.+/=&%_' };
export const PUBLIC = { id: '6a1f0f0e-52b5-4f0c-8a53-0d9c1c7f2e11' };
export const CERTIFICATE = { id: '6a1f0f0e-52b5-4f0c-8a53-0d9c1c7f2e12' };

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code';
const PERMISSIONS = ['User.Read', 'Mail.Read', 'Calendars.Read'];

// Graph's permissions may be named bare or with the resource before them.
const SCOPES = ['.default', ...PERMISSIONS].map((name) => `${GRAPH}/${name}`).concat(PERMISSIONS);

/** The configuration for `base`, for example `https://localhost:8443`. */
export function configuration(base, { certificateKey, accessTokenLifetime = 3600 }) {
  const path = `/${TENANT}/oauth2/v2.0`;
  return {
    clients: clients(certificateKey),
    clientAuthMethods: ['client_secret_post', 'private_key_jwt', 'none'],
    enabledJWA: { clientAuthSigningAlgValues: ['PS256', 'RS256'] },
    jwks: { keys: [signingKey()] },
    cookies: { keys: ['witness'] },
    routes: {
      authorization: `${path}/authorize`,
      token: `${path}/token`,
      device_authorization: `${path}/devicecode`,
      jwks: `/${TENANT}/discovery/v2.0/keys`,
      code_verification: '/devicelogin',
    },
    scopes: ['openid', 'profile', 'offline_access'],
    claims: { openid: ['sub', 'oid', 'tid', 'ver'], profile: ['name', 'preferred_username'] },
    conformIdTokenClaims: false,
    findAccount: (context, login) => ({ accountId: login, claims: () => accountClaims(login) }),
    // Strict: a refresh token that is used again revokes everything that came from it.
    rotateRefreshToken: true,
    ttl: {
      AccessToken: accessTokenLifetime,
      ClientCredentials: accessTokenLifetime,
      DeviceCode: 900,
      Grant: 86400,
      IdToken: 3600,
      Interaction: 900,
      RefreshToken: 86400,
      Session: 86400,
    },
    features: {
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true },
      userinfo: { enabled: false },
      resourceIndicators: {
        enabled: true,
        // Entra names the resource in the scope; Graph is the only one here.
        defaultResource: () => GRAPH,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          audience: GRAPH,
          scope: SCOPES.join(' '),
          accessTokenFormat: 'jwt',
          accessTokenTTL: accessTokenLifetime,
        }),
      },
    },
    formats: { customizers: { jwt: (context, token, jwt) => accessToken(base, token, jwt) } },
  };
}

/** What identifies a user who signed in as `login`, the same at every start. */
export function accountClaims(login) {
  return { sub: login, oid: guid(login), tid: TENANT, ver: '2.0', name: login, preferred_username: login };
}

function clients(certificateKey) {
  const people = {
    application_type: 'native',
    grant_types: ['authorization_code', 'refresh_token', DEVICE_CODE],
    redirect_uris: ['http://localhost', 'http://localhost/', 'http://localhost/callback'],
    response_types: ['code'],
  };
  const services = { ...people, grant_types: ['client_credentials', ...people.grant_types] };
  const list = [
    { ...services, client_id: CONFIDENTIAL.id, client_secret: CONFIDENTIAL.secret, token_endpoint_auth_method: 'client_secret_post' },
    { ...people, client_id: PUBLIC.id, token_endpoint_auth_method: 'none' },
  ];
  if (certificateKey) {
    const jwks = { keys: [{ ...certificateKey, use: 'sig' }] };
    list.push({ ...services, client_id: CERTIFICATE.id, jwks, token_endpoint_auth_method: 'private_key_jwt' });
  }
  return list;
}

/** Entra's claims in place of those of RFC 9068; times and lifetime stay the provider's. */
function accessToken(base, token, jwt) {
  const { iat, exp, jti, scope, client_id: appid } = jwt.payload;
  const user = token.accountId && accountClaims(token.accountId);
  const permissions = (scope ?? '').split(' ').map((name) => name.replace(`${GRAPH}/`, ''));
  jwt.header = { ...jwt.header, typ: 'JWT' };
  jwt.payload = {
    aud: GRAPH,
    iss: `${base}/${TENANT}/v2.0`,
    iat,
    nbf: iat,
    exp,
    appid,
    ...(user
      ? { name: user.name, oid: user.oid, scp: permissions.join(' '), upn: user.preferred_username }
      : { idtyp: 'app', oid: guid(appid), roles: ['User.Read.All'] }),
    sub: user ? user.sub : appid,
    tid: TENANT,
    uti: jti,
    ver: '1.0',
  };
}

function signingKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: 'witness-signing-key', alg: 'RS256', use: 'sig' };
}

function guid(text) {
  const hex = createHash('sha256').update(text).digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}
