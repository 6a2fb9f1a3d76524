"""Template tags of the donations app."""
