"""What a repository says of how its records are to be checked: found, read, and held to its form."""
