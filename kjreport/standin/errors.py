"""Refusals in the shape of Stripe's error bodies."""

from typing import Any

_REFERENCE = "https://docs.stripe.com/error-codes#"
# Codes which Stripe's reference explains; the rest of ours have no page there.
_EXPLAINED = frozenset(
    {
        "amount_too_large",
        "card_declined",
        "charge_already_refunded",
        "charge_disputed",
        "customer_tax_location_invalid",
        "email_invalid",
        "expired_card",
        "idempotency_key_in_use",
        "incorrect_cvc",
        "invoice_not_editable",
        "parameter_invalid_empty",
        "parameter_invalid_integer",
        "parameter_missing",
        "parameter_unknown",
        "payment_intent_authentication_failure",
        "payment_intent_unexpected_state",
        "rate_limit",
        "resource_already_exists",
        "resource_missing",
        "url_invalid",
    }
)


class Refusal(Exception):  # noqa: N818  what it is, in the words of the till
    """An answer other than 2xx; `status` is the HTTP status, the rest fills Stripe's error body."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        decline_code: str | None = None,
    ) -> None:
        """Keep the parts of the body."""
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        self.decline_code = decline_code

    def body(self, request_id: str) -> dict[str, Any]:
        """Return the JSON body, naming the request as Stripe does."""
        error = {
            "type": self.kind,
            "code": self.code,
            "param": self.param,
            "decline_code": self.decline_code,
            "doc_url": f"{_REFERENCE}{self.code.replace('_', '-')}" if self.code in _EXPLAINED else None,
            "message": self.message,
            "request_id": request_id,
        }
        return {"error": {key: value for key, value in error.items() if value is not None}}


class Kept(Refusal):
    """A refusal whose traces stay: a declined payment is an error, and a failed charge all the same."""


def key_in_use(key: str) -> Refusal:
    """Return the 409 of a key whose first request is still going on."""
    message = (
        f"There is currently another in-progress request using the idempotency key '{key}', which probably means "
        "that it was sent twice. Try again in a moment."
    )
    return Refusal(message, status=409, code="idempotency_key_in_use")


def declined(message: str, *, code: str, decline_code: str) -> Kept:
    """Return the 402 of a card that was refused."""
    return Kept(message, status=402, kind="card_error", code=code, decline_code=decline_code or None)


def missing(kind: str, identifier: str, *, param: str = "id") -> Refusal:
    """Return the 404 for an object that is not there."""
    return Refusal(
        f"No such {kind}: '{identifier}'",
        status=404,
        code="resource_missing",
        param=param,
    )


def not_done(call: str) -> Refusal:
    """Return the 501 for a call, or a part of one, which the stand-in does not do."""
    return Refusal(
        f"The stand-in does not do {call}.",
        status=501,
        kind="api_error",
        code="not_implemented",
    )
