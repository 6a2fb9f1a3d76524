"""Changes that join wings: rights to what several of them keep."""
