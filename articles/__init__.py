"""Articles: what is written, published and read."""
