TOKEN=$(entratool get-token -p demo --silent)
entratool discover -t "$TOKEN"
entratool inspect -t "$TOKEN" | jq -c .payload.roles
entratool get-token -p demo --scope api://orders/.default
