"""A Stripe-compatible server for a laptop and for tests: no money moves, and nothing of the house is imported."""
