"""Payments: the one door to Stripe."""
