"""Authors as readers know them."""
