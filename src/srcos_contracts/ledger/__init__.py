"""Many records together: the index of a set, the rules over it, and the history of a tree."""
