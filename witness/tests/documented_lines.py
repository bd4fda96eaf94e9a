"""The command lines that the documentation shows for scripts, word for word, and what each must print."""

from dataclasses import dataclass

TOKEN = r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+\n"


@dataclass(frozen=True)
class Line:
    """A script for bash; standard output must match `stdout` in full, standard error hold `stderr`."""

    title: str
    script: str
    stdout: str = TOKEN
    stderr: str = ""
    code: int = 0


LINES = [
    Line(
        "with a profile",
        "entratool get-token -p my-profile",
        stderr="Authenticating with profile 'my-profile'...\n✓ Token acquired successfully\n\n",
    ),
    Line("naming the flow", "entratool get-token -p my-profile -f ClientCredentials", stderr="✓ Token acquired successfully\n"),
    Line(
        "a service principal",
        """# Service principal for Graph API
entratool get-token -p graph-sp -f ClientCredentials""",
    ),
    Line(
        "the default scope",
        """entratool get-token -p myprofile \\
  --scope "https://graph.microsoft.com/.default\"""",
    ),
    Line(
        "delegated scopes",
        """entratool get-token -p myprofile \\
  --scope "https://graph.microsoft.com/User.Read Mail.Read\"""",
        stdout="",
        stderr="https://graph.microsoft.com/.default",
        code=2,
    ),
    Line("silent", "entratool get-token -p myprofile --silent"),
    Line(
        "a token in a variable",
        """TOKEN=$(entratool get-token -p myprofile --silent)
curl -H "Authorization: Bearer $TOKEN" https://graph.microsoft.com/v1.0/me""",
        stdout=r'\{"value":\[\]\}\n',
    ),
    Line("to a file", "entratool get-token -p myprofile -o token.txt", stdout="", stderr="✓ Token saved to token.txt\n"),
    Line(
        "from the file later",
        """entratool get-token -p myprofile -o token.txt
TOKEN=$(cat token.txt)
curl -H "Authorization: Bearer $TOKEN" https://graph.microsoft.com/v1.0/me""",
        stdout=r'\{"value":\[\]\}\n',
    ),
    Line(
        "as JSON",
        "entratool get-token -p myprofile --json",
        stdout=r"""\{
  "accessToken": "eyJ[\w.-]+",
  "expiresOn": "\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
  "tokenType": "Bearer",
  "scopes": \[\s*"https://graph\.microsoft\.com/\.default"\s*\]
\}
""",
    ),
    Line("inspected in one command", "entratool get-token -p myprofile --silent | entratool inspect", stdout=r'\{\n  "header": \{\n(?s:.*)\}\n'),
    Line(
        "inspected separately",
        """TOKEN=$(entratool get-token -p myprofile --silent)
entratool inspect -t "$TOKEN\"""",
        stdout=r'\{\n  "header": \{\n(?s:.*)"aud": "https://graph\.microsoft\.com",(?s:.*)\}\n',
    ),
    Line(
        "inspected from a file",
        """entratool get-token -p myprofile --silent > token.txt
entratool inspect -f token.txt""",
        stdout=r'\{\n  "header": \{\n(?s:.*)\}\n',
    ),
    Line(
        "the expiry of a token",
        """TOKEN=$(entratool get-token -p myprofile --silent)
entratool discover -t "$TOKEN" | jq .exp""",
        stdout=r"\d{10}\n",
    ),
    Line(
        "the expiry as a date",
        """TOKEN=$(entratool get-token -p myprofile --silent)
# Get expiration timestamp
EXP=$(entratool inspect -t "$TOKEN" | jq -r .payload.exp)
date -d @$EXP  # Linux""",
        stdout=r"\w{3} .* \d{4}\n",
    ),
    Line(
        "valid or expired",
        """TOKEN=$(entratool get-token -p myprofile --silent)
entratool discover -t "$TOKEN" > /dev/null && echo "Valid" || echo "Expired\"""",
        stdout="Valid\n",
    ),
    Line(
        "an expired token",
        """entratool discover -t "eyJhbGciOiJub25lIn0.eyJleHAiOjE3MDE0MzU2MDB9." > /dev/null && echo "Valid" || echo "Expired\"""",
        stdout="Expired\n",
    ),
    Line("a malformed token", 'entratool inspect -t "eyJ0eXAiOiJKV1QiLCJh..."', stdout="", stderr="Invalid token", code=1),
    Line(
        "an unknown profile",
        "entratool get-token -p correct-nam",
        stdout="",
        stderr="Profile not found: 'correct-nam'",
        code=4,
    ),
    Line("the list of profiles", "entratool config list", stdout="myprofile\n"),
    Line("a refresh of an application's token", "entratool refresh -p myprofile", stderr="Refreshing token for profile 'myprofile'...\n"),
    Line(
        "after the cache was removed",
        """entratool get-token -p myprofile > first.txt
# Delete cache directory
rm -rf ~/.msal/cache

# Next token request will require re-authentication
entratool get-token -p myprofile > second.txt
cmp -s first.txt second.txt || cat second.txt""",
    ),
    Line(
        "pattern: script automation",
        """#!/bin/bash
set -e

# Get token
TOKEN=$(entratool get-token -p automation --silent)

# Use token
curl -H "Authorization: Bearer $TOKEN" \\
     https://graph.microsoft.com/v1.0/users \\
     | jq""",
        stdout='\\{\n  "value": \\[\\]\n\\}\n',
    ),
    Line(
        "pattern: environment variable",
        """export ACCESS_TOKEN=$(entratool get-token -p myprofile --silent)

# Use in multiple commands
curl -H "Authorization: Bearer $ACCESS_TOKEN" https://api1.example.com
curl -H "Authorization: Bearer $ACCESS_TOKEN" https://api2.example.com""",
        stdout=r'(\{"value":\[\]\}\n){2}',
    ),
    Line(
        "pattern: token file",
        """mkdir -p ~/.cache
TOKEN_FILE=~/.cache/entratool-token.txt

# Check if token exists and is valid
if [ ! -f "$TOKEN_FILE" ] || ! entratool discover -f "$TOKEN_FILE" &>/dev/null; then
  entratool get-token -p myprofile --silent > "$TOKEN_FILE"
fi

TOKEN=$(cat "$TOKEN_FILE")
echo "$TOKEN\"""",
    ),
    Line(
        "pattern: several APIs",
        """# Get tokens for different APIs
TOKEN_GRAPH=$(entratool get-token -p graph-profile --silent)
TOKEN_AZURE=$(entratool get-token -p azure-profile --silent)

# Use with different APIs
curl -H "Authorization: Bearer $TOKEN_GRAPH" https://graph.microsoft.com/v1.0/me
curl -H "Authorization: Bearer $TOKEN_AZURE" https://management.azure.com/subscriptions
entratool inspect -t "$TOKEN_AZURE" | jq -r .payload.aud""",
        stdout=r'(\{"value":\[\]\}\n){2}https://management\.azure\.com\n',
    ),
    Line(
        "a custom API",
        """TOKEN=$(entratool get-token -p custom-api --silent)

curl -H "Authorization: Bearer $TOKEN" \\
     -H "Content-Type: application/json" \\
     -d '{"key": "value"}' \\
     https://api.contoso.com/v1/resources""",
        stdout=r'\{"value":\[\]\}\n',
    ),
    Line(
        "the expiry checked before use",
        """entratool get-token -p myprofile --silent > token.txt
entratool discover -f token.txt > /dev/null

# Refresh if needed
if [ $? -ne 0 ]; then
  entratool get-token -p myprofile --silent > token.txt
fi
cat token.txt""",
    ),
    Line(
        "a token file for its owner alone",
        """mkdir -p ~/.cache
TOKEN_FILE=~/.cache/my-token.txt
entratool get-token -p myprofile --silent > "$TOKEN_FILE"
chmod 600 "$TOKEN_FILE"
stat -c %a "$TOKEN_FILE\"""",
        stdout="600\n",
    ),
    Line(
        "minutes until expiry",
        """TOKEN=$(entratool get-token -p myprofile --silent)
# Extract exp claim
EXP=$(entratool inspect -t "$TOKEN" | jq -r .payload.exp)

# Compare with current time
NOW=$(date +%s)
if [ $EXP -lt $NOW ]; then
  echo "Token expired"
else
  echo "Token valid for $(( ($EXP - $NOW) / 60 )) minutes"
fi""",
        stdout=r"Token valid for \d\d minutes\n",
    ),
    Line(
        "the audience verified",
        """TOKEN=$(entratool get-token -p myprofile --silent)
AUD=$(entratool inspect -t "$TOKEN" | jq -r .payload.aud)
if [ "$AUD" = "https://graph.microsoft.com" ]; then
  echo "Valid for Graph API"
else
  echo "Wrong audience: $AUD"
fi""",
        stdout="Valid for Graph API\n",
    ),
    Line(
        "expiry pattern: check before use",
        """if entratool discover -f token.txt &>/dev/null; then
  TOKEN=$(cat token.txt)
else
  TOKEN=$(entratool get-token -p myprofile --silent)
  echo "$TOKEN" > token.txt
fi
cat token.txt""",
    ),
    Line(
        "expiry pattern: catch API errors",
        """entratool get-token -p myprofile --silent > token.txt
TOKEN=$(cat token.txt)
RESPONSE=$(curl -s -w "%{http_code}" \\
  -H "Authorization: Bearer $TOKEN" \\
  https://graph.microsoft.com/v1.0/me)

if [[ "$RESPONSE" == *"401"* ]]; then
  # Token expired, get new one
  TOKEN=$(entratool get-token -p myprofile --silent)
  echo "$TOKEN" > token.txt

  # Retry request
  curl -H "Authorization: Bearer $TOKEN" \\
       https://graph.microsoft.com/v1.0/me
fi
echo "$RESPONSE\"""",
        stdout=r'\{"value":\[\]\}\n',
    ),
    Line(
        "expiry pattern: preemptive refresh",
        """entratool get-token -p myprofile --silent > token.txt
# Refresh if less than 5 minutes remaining
EXP=$(entratool inspect -f token.txt | jq -r .payload.exp)
NOW=$(date +%s)
REMAINING=$(( ($EXP - $NOW) / 60 ))

if [ $REMAINING -lt 5 ]; then
  entratool get-token -p myprofile --silent > token.txt
fi
cat token.txt""",
    ),
    Line(
        "a temporary file removed on exit",
        """#!/bin/bash
set -e

# Secure temp file
TOKEN_FILE=$(mktemp)
trap "rm -f $TOKEN_FILE" EXIT

# Get token
entratool get-token -p myprofile --silent > "$TOKEN_FILE"
chmod 600 "$TOKEN_FILE"

# Use token
TOKEN=$(cat "$TOKEN_FILE")
curl -H "Authorization: Bearer $TOKEN" https://api.example.com""",
        stdout=r'\{"value":\[\]\}\n',
    ),
    Line(
        "script pattern 1: token in script",
        """#!/bin/bash
set -euo pipefail

get_token() {
  entratool get-token -p "$1" --silent
}

TOKEN=$(get_token "myprofile")

# Use token
curl -H "Authorization: Bearer $TOKEN" \\
     https://graph.microsoft.com/v1.0/me""",
        stdout=r'\{"value":\[\]\}\n',
    ),
]
