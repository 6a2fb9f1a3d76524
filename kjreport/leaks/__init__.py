"""Looks for what a reader may not see in everything the site says: shared by the tests and `manage.py audit_paywall`."""
