"""What a resource does with a token: PyJWT checks its signature with the keys that the authority publishes."""

import ssl

import jwt
import msal

GRAPH = "https://graph.microsoft.com"
DEFAULT_SCOPE = f"{GRAPH}/.default"


def claims(server: dict, token: str, audience: str = GRAPH) -> dict:
    """The claims of `token`, if it is signed by `server`, in time and for `audience`."""
    trust = ssl.create_default_context(cafile=server["caBundle"])
    keys = jwt.PyJWKClient(f"{tenant(server)}/discovery/v2.0/keys", ssl_context=trust)
    key = keys.get_signing_key_from_jwt(token)
    return jwt.decode(token, key, ["RS256"], audience=audience)


def tenant(server: dict) -> str:
    """The authority of the server's tenant."""
    return f"{server['authority']}/{server['tenantId']}"


def service(server: dict, credential, client: str = "clientId") -> msal.ConfidentialClientApplication:
    """MSAL as a service uses it."""
    return msal.ConfidentialClientApplication(
        server[client],
        client_credential=credential,
        authority=tenant(server),
        instance_discovery=False,
        verify=server["caBundle"],
    )


def public_application(server: dict) -> msal.PublicClientApplication:
    """MSAL as a program on a user's host uses it."""
    return msal.PublicClientApplication(
        server["publicClientId"],
        authority=tenant(server),
        instance_discovery=False,
        verify=server["caBundle"],
    )
