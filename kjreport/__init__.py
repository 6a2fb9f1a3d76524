"""KJ Report: the roof that joins the wings, and the cellar beneath them."""
