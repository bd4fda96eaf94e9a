"""azure-identity gets an application token: `azure_identity_token.py SERVER [CACHE]`.

SERVER is what `entratool emulator start --json` printed; CACHE names a cache that is kept between runs.
"""

import json
import sys

from azure.identity import ClientSecretCredential, TokenCachePersistenceOptions

server = json.loads(sys.argv[1])
kept = {}
if len(sys.argv) > 2:
    kept["cache_persistence_options"] = TokenCachePersistenceOptions(name=sys.argv[2], allow_unencrypted_storage=True)
credential = ClientSecretCredential(
    server["tenantId"],
    server["clientId"],
    server["clientSecret"],
    authority=server["authority"],
    disable_instance_discovery=True,
    connection_verify=server["caBundle"],
    **kept,
)
print(credential.get_token("https://graph.microsoft.com/.default").token)
