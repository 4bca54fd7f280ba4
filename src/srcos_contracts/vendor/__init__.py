"""Contracts in other repositories: copied with a lock, graded against it, restored, and taken to newer versions."""
