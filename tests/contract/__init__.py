"""The stand-in, held against the library that talks to the real Stripe."""
