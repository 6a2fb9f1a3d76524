"""Tells the schema how a reader's token is sent."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema


class ReaderTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # it registers itself
    """Describes the token in the schema."""

    target_class = "articles.api.authentication.ReaderTokenAuthentication"
    name = "readerToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:  # noqa: ARG002 - upstream's signature
        """Return its OpenAPI form."""
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A token made on the account page. It reads what its reader may read.",
        }
