"""The longer scripts that the documentation shows, word for word but for folders of the test's own."""

from documented_lines import Line

SCRIPTS = [
    Line(
        "script pattern 2: cached token",
        """#!/bin/bash

TOKEN_CACHE="$HOME/my-token-cache.txt"
TOKEN_MAX_AGE=3000  # 50 minutes

get_fresh_token() {
  entratool get-token -p myprofile --silent > "$TOKEN_CACHE"
  chmod 600 "$TOKEN_CACHE"
}

# Check if cache exists and is fresh
if [ -f "$TOKEN_CACHE" ]; then
  FILE_AGE=$(( $(date +%s) - $(stat -c %Y "$TOKEN_CACHE") ))  # Linux

  if [ $FILE_AGE -gt $TOKEN_MAX_AGE ]; then
    get_fresh_token
  fi
else
  get_fresh_token
fi

TOKEN=$(cat "$TOKEN_CACHE")
echo "$TOKEN\"""",
    ),
    Line(
        "script pattern 3: token rotation",
        """#!/bin/bash

# Function to get valid token
get_valid_token() {
  local profile=$1
  local token_file="$HOME/token-$profile.txt"

  # Check if token exists and is valid
  if [ -f "$token_file" ] && entratool discover -f "$token_file" &>/dev/null; then
    cat "$token_file"
  else
    # Get fresh token
    entratool get-token -p "$profile" --silent | tee "$token_file"
    chmod 600 "$token_file"
  fi
}

# Use it
FIRST=$(get_valid_token "myprofile")
TOKEN=$(get_valid_token "myprofile")
[ "$FIRST" = "$TOKEN" ] && curl -H "Authorization: Bearer $TOKEN" https://api.example.com""",
        stdout=r'\{"value":\[\]\}\n',
    ),
    Line(
        "script pattern 4: several profiles",
        """#!/bin/bash

declare -A TOKENS

get_token_for_profile() {
  local profile=$1

  if [ -z "${TOKENS[$profile]}" ]; then
    TOKENS[$profile]=$(entratool get-token -p "$profile" --silent)
  fi

  echo "${TOKENS[$profile]}"
}

# Use different profiles
GRAPH_TOKEN=$(get_token_for_profile "graph-profile")
AZURE_TOKEN=$(get_token_for_profile "azure-profile")

curl -H "Authorization: Bearer $GRAPH_TOKEN" https://graph.microsoft.com/v1.0/me
curl -H "Authorization: Bearer $AZURE_TOKEN" https://management.azure.com/subscriptions""",
        stdout=r'(\{"value":\[\]\}\n){2}',
    ),
]

# `emulator run` brings its own profiles.
EMULATOR_RUN = [
    Line("the main job", "entratool emulator run -- entratool get-token -p demo"),
    Line("with a certificate", "entratool emulator run -- entratool get-token -p demo-cert"),
    Line(
        "a script",
        """entratool emulator run -- bash -c 'T=$(entratool get-token -p demo --silent); entratool discover -t "$T" && entratool inspect -t "$T" | jq .payload.aud'""",
        stdout=r'\{(?s:.*)\}\n"https://graph\.microsoft\.com"\n',
    ),
    Line("an exit status passed through", "entratool emulator run -- bash -c 'exit 42'", stdout="", code=42),
    Line(
        "nothing left behind",
        """entratool emulator run -- bash -c 'entratool get-token -p demo > /dev/null; echo "$HOME"; find ~ -name profiles.json'""",
        stdout=r".*/home\n",
    ),
]
