"""The demo issue's pictures, drawn by code and the same each time; ask `catalogue.draw`."""
