"""The agent ledger, written safely: what agents did, a line each; what they do now; what their sessions came to."""
