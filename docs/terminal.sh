entratool get-token -p demo --silent | entratool discover
entratool get-token -p demo --silent | entratool inspect | jq -c .payload.roles
entratool get-token -p demo --scope api://orders/.default
