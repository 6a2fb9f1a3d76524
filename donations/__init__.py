"""Donations: campaigns, pledges, gifts received."""
