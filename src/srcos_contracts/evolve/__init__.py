"""How contracts change: what is made from them, and what a change breaks."""
