"""MSAL for Python gets an application token: `msal_token.py SERVER [CACHE]`.

SERVER is what `entratool emulator start --json` printed; CACHE is a file, which msal-extensions reads and writes.
"""

import json
import sys

import msal
from msal_extensions import FilePersistence, PersistedTokenCache

server = json.loads(sys.argv[1])
application = msal.ConfidentialClientApplication(
    server["clientId"],
    client_credential=server["clientSecret"],
    authority=f"{server['authority']}/{server['tenantId']}",
    instance_discovery=False,
    token_cache=PersistedTokenCache(FilePersistence(sys.argv[2])) if len(sys.argv) > 2 else None,
    verify=server["caBundle"],
)
print(application.acquire_token_for_client(["https://graph.microsoft.com/.default"])["access_token"])
