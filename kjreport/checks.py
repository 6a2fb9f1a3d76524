"""Misconfiguration is a system check with an id and a hint."""
