"""Whether one schema accepts all that another accepts: proofs, and payloads that show the contrary."""
