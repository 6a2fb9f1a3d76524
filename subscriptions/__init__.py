"""Subscriptions: plans, prices, who may read."""
