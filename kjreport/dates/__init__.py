"""How days and moments are written, for every page that does not say otherwise."""
