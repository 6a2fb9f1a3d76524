"""Looks for what a reader may not see in all the site says; for the tests and `manage.py audit_paywall`."""
