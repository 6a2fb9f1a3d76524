"""What the canary suite plants, who comes to look for it, and how they go about it."""
