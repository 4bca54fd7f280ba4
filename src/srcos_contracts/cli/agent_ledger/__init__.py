"""`srcos-ledger`: the agent ledger for agents written in any language."""
