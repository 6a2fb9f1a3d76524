"""Related articles: chosen by hand, then computed."""
