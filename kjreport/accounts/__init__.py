"""Accounts: who is at the door."""
