"""Random lives of readers under a bad post, a late worker and a Stripe that fails, and what must be so in the end."""
