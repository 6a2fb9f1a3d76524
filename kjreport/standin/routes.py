"""Every call the stand-in does: method, address, the library's parameter type, what is acted on, who answers."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from kjreport.standin import (
    balance,
    catalogue,
    checkout,
    clock,
    customers,
    discounts,
    disputes,
    endings,
    events,
    frozen,
    invoice_calls,
    invoices,
    payments,
    portal,
    refunds,
    setups,
    subscription_calls,
    switching,
)
from kjreport.standin.book import Json

type Answer = Callable[..., Json]

_PAGE = "limit starting_after ending_before"


@dataclass(frozen=True)
class Route:
    """One call; `does` names the parameters acted on, dotted, a prefix standing for all below it."""

    method: str
    pattern: re.Pattern[str]
    name: str
    params: str
    answer: Answer
    does: frozenset[str]


# A table is read by its columns, so its rows are positional.
def _route(method: str, path: str, name: str, params: str, answer: Answer, does: str = "") -> Route:  # noqa: PLR0917
    pattern = re.compile("^/v1/" + re.sub(r"\{\}", r"([^/]+)", path) + "$")
    return Route(method, pattern, name, params, answer, frozenset(["expand", *does.split()]))


def _list(path: str, name: str, params: str, answer: Answer, does: str = "") -> Route:  # noqa: PLR0917
    return _route("GET", path, name, params, answer, f"{_PAGE} {does}")


_CUSTOMER = "address business_name description email individual_name metadata name phone preferred_locales"
_PRODUCT = "active description images marketing_features metadata name statement_descriptor tax_code unit_label url"
_PRICE = (
    "active currency lookup_key metadata nickname product product_data.name product_data.metadata recurring.interval "
    "recurring.interval_count recurring.usage_type tax_behavior transfer_lookup_key unit_amount unit_amount_decimal"
)
_SESSION = """
    mode ui_mode customer customer_email customer_creation customer_update client_reference_id metadata
    line_items.price line_items.quantity line_items.price_data.currency line_items.price_data.product
    line_items.price_data.product_data line_items.price_data.recurring line_items.price_data.tax_behavior
    line_items.price_data.unit_amount line_items.price_data.unit_amount_decimal
    subscription_data.metadata subscription_data.description subscription_data.trial_period_days
    subscription_data.trial_end subscription_data.trial_settings subscription_data.billing_mode.type
    payment_intent_data.metadata payment_intent_data.description payment_intent_data.receipt_email
    payment_intent_data.setup_future_usage payment_intent_data.statement_descriptor
    setup_intent_data currency
    allow_promotion_codes discounts automatic_tax.enabled consent_collection.terms_of_service custom_text
    adaptive_pricing.enabled invoice_creation.enabled phone_number_collection.enabled tax_id_collection.enabled
    locale expires_at success_url cancel_url submit_type billing_address_collection payment_method_collection
"""
_PORTAL = """
    business_profile default_return_url metadata name features.customer_update features.invoice_history
    features.payment_method_update.enabled features.subscription_cancel features.subscription_pause
    features.subscription_update
"""
_SUBSCRIPTION = """
    cancel_at cancel_at_period_end cancellation_details default_payment_method description metadata
    items.id items.price items.quantity items.deleted items.metadata proration_behavior proration_date trial_end
"""

ROUTES = (
    _route(
        "POST", "customers", "customers.create", "CustomerCreateParams", customers.create, _CUSTOMER + " test_clock"
    ),
    _route("GET", "customers/{}", "customers.retrieve", "CustomerRetrieveParams", customers.retrieve),
    _route(
        "POST",
        "customers/{}",
        "customers.update",
        "CustomerUpdateParams",
        customers.update,
        _CUSTOMER + " invoice_settings.default_payment_method",
    ),
    _route("DELETE", "customers/{}", "customers.delete", "CustomerDeleteParams", endings.delete_customer),
    _list("customers", "customers.list", "CustomerListParams", customers.every, "created email test_clock"),
    _list(
        "customers/{}/payment_methods",
        "customers.payment_methods.list",
        "CustomerPaymentMethodListParams",
        customers.methods_of,
        "type",
    ),
    _list("payment_methods", "payment_methods.list", "PaymentMethodListParams", customers.methods, "customer type"),
    _route("GET", "payment_methods/{}", "payment_methods.retrieve", "PaymentMethodRetrieveParams", customers.method),
    _route("POST", "products", "products.create", "ProductCreateParams", catalogue.create_product, _PRODUCT + " id"),
    _route("GET", "products/{}", "products.retrieve", "ProductRetrieveParams", catalogue.retrieve_product),
    _route(
        "POST",
        "products/{}",
        "products.update",
        "ProductUpdateParams",
        catalogue.update_product,
        _PRODUCT + " default_price",
    ),
    _list("products", "products.list", "ProductListParams", catalogue.products, "active created ids"),
    _route("POST", "prices", "prices.create", "PriceCreateParams", catalogue.create_price, _PRICE),
    _route("GET", "prices/{}", "prices.retrieve", "PriceRetrieveParams", catalogue.retrieve_price),
    _route(
        "POST",
        "prices/{}",
        "prices.update",
        "PriceUpdateParams",
        catalogue.update_price,
        "active lookup_key metadata nickname tax_behavior transfer_lookup_key",
    ),
    _list(
        "prices",
        "prices.list",
        "PriceListParams",
        catalogue.prices,
        "active created currency lookup_keys product recurring.interval type",
    ),
    _route(
        "POST",
        "coupons",
        "coupons.create",
        "CouponCreateParams",
        discounts.create_coupon,
        "amount_off currency duration duration_in_months id max_redemptions metadata name percent_off redeem_by",
    ),
    _route("GET", "coupons/{}", "coupons.retrieve", "CouponRetrieveParams", discounts.retrieve_coupon),
    _route("POST", "coupons/{}", "coupons.update", "CouponUpdateParams", discounts.update_coupon, "metadata name"),
    _route("DELETE", "coupons/{}", "coupons.delete", "CouponDeleteParams", discounts.delete_coupon),
    _list("coupons", "coupons.list", "CouponListParams", discounts.coupons, "created"),
    _route(
        "POST",
        "promotion_codes",
        "promotion_codes.create",
        "PromotionCodeCreateParams",
        discounts.create_code,
        "active code customer expires_at max_redemptions metadata promotion restrictions.first_time_transaction "
        "restrictions.minimum_amount restrictions.minimum_amount_currency",
    ),
    _route(
        "GET",
        "promotion_codes/{}",
        "promotion_codes.retrieve",
        "PromotionCodeRetrieveParams",
        discounts.retrieve_code,
    ),
    _route(
        "POST",
        "promotion_codes/{}",
        "promotion_codes.update",
        "PromotionCodeUpdateParams",
        discounts.update_code,
        "active metadata",
    ),
    _list(
        "promotion_codes",
        "promotion_codes.list",
        "PromotionCodeListParams",
        discounts.codes,
        "active code coupon created",
    ),
    _route(
        "POST",
        "checkout/sessions",
        "checkout.sessions.create",
        "checkout.SessionCreateParams",
        checkout.create,
        _SESSION,
    ),
    _route(
        "GET",
        "checkout/sessions/{}",
        "checkout.sessions.retrieve",
        "checkout.SessionRetrieveParams",
        checkout.retrieve,
    ),
    _list(
        "checkout/sessions",
        "checkout.sessions.list",
        "checkout.SessionListParams",
        checkout.every,
        "created customer customer_details.email payment_intent status subscription",
    ),
    _list(
        "checkout/sessions/{}/line_items",
        "checkout.sessions.line_items.list",
        "checkout.SessionLineItemListParams",
        checkout.line_items,
    ),
    _route(
        "POST",
        "checkout/sessions/{}/expire",
        "checkout.sessions.expire",
        "checkout.SessionExpireParams",
        checkout.expire,
    ),
    _route(
        "POST",
        "billing_portal/configurations",
        "billing_portal.configurations.create",
        "billing_portal.ConfigurationCreateParams",
        portal.create_configuration,
        _PORTAL,
    ),
    _route(
        "GET",
        "billing_portal/configurations/{}",
        "billing_portal.configurations.retrieve",
        "billing_portal.ConfigurationRetrieveParams",
        portal.retrieve_configuration,
    ),
    _route(
        "POST",
        "billing_portal/configurations/{}",
        "billing_portal.configurations.update",
        "billing_portal.ConfigurationUpdateParams",
        portal.update_configuration,
        _PORTAL + " active",
    ),
    _list(
        "billing_portal/configurations",
        "billing_portal.configurations.list",
        "billing_portal.ConfigurationListParams",
        portal.configurations,
        "active is_default",
    ),
    _route(
        "POST",
        "billing_portal/sessions",
        "billing_portal.sessions.create",
        "billing_portal.SessionCreateParams",
        portal.create_session,
        "configuration customer flow_data locale return_url",
    ),
    _route(
        "GET",
        "subscriptions/{}",
        "subscriptions.retrieve",
        "SubscriptionRetrieveParams",
        subscription_calls.retrieve,
    ),
    _list(
        "subscriptions",
        "subscriptions.list",
        "SubscriptionListParams",
        subscription_calls.every,
        "created customer price status test_clock",
    ),
    _route(
        "POST",
        "subscriptions/{}",
        "subscriptions.update",
        "SubscriptionUpdateParams",
        subscription_calls.update,
        _SUBSCRIPTION,
    ),
    _route(
        "DELETE",
        "subscriptions/{}",
        "subscriptions.cancel",
        "SubscriptionCancelParams",
        subscription_calls.cancel,
        "cancellation_details",
    ),
    _route(
        "POST",
        "subscriptions/{}/pause",
        "subscriptions.pause",
        "SubscriptionPauseParams",
        subscription_calls.pause,
        "type bill_for.unused_time_from invoicing_behavior",
    ),
    _route(
        "POST",
        "subscriptions/{}/resume",
        "subscriptions.resume",
        "SubscriptionResumeParams",
        subscription_calls.resume,
        "billing_cycle_anchor payment_behavior",
    ),
    _list("invoices", "invoices.list", "InvoiceListParams", invoices.every, "created customer status subscription"),
    _route(
        "POST",
        "invoices/create_preview",
        "invoices.create_preview",
        "InvoiceCreatePreviewParams",
        switching.preview,
        "customer subscription subscription_details.items.id subscription_details.items.price "
        "subscription_details.items.quantity subscription_details.items.deleted "
        "subscription_details.proration_behavior subscription_details.proration_date subscription_details.trial_end",
    ),
    _route("GET", "invoices/{}", "invoices.retrieve", "InvoiceRetrieveParams", invoices.retrieve),
    _list("invoices/{}/lines", "invoices.line_items.list", "InvoiceLineItemListParams", invoices.lines),
    _route("POST", "invoices/{}/void", "invoices.void_invoice", "InvoiceVoidInvoiceParams", invoice_calls.void),
    _route(
        "POST",
        "invoices/{}/finalize",
        "invoices.finalize_invoice",
        "InvoiceFinalizeInvoiceParams",
        invoice_calls.finalise,
        "auto_advance",
    ),
    _route(
        "POST",
        "invoices/{}/pay",
        "invoices.pay",
        "InvoicePayParams",
        invoice_calls.pay,
        "payment_method off_session paid_out_of_band",
    ),
    _route(
        "POST",
        "invoices/{}/mark_uncollectible",
        "invoices.mark_uncollectible",
        "InvoiceMarkUncollectibleParams",
        invoice_calls.write_off,
    ),
    _route(
        "POST",
        "invoices/{}",
        "invoices.update",
        "InvoiceUpdateParams",
        invoice_calls.update,
        "auto_advance description metadata",
    ),
    _route("DELETE", "invoices/{}", "invoices.delete", "InvoiceDeleteParams", invoice_calls.delete),
    _route(
        "GET",
        "balance_transactions/{}",
        "balance_transactions.retrieve",
        "BalanceTransactionRetrieveParams",
        balance.retrieve,
    ),
    _list(
        "balance_transactions",
        "balance_transactions.list",
        "BalanceTransactionListParams",
        balance.every,
        "created currency source type",
    ),
    _route(
        "GET",
        "customers/{}/balance_transactions/{}",
        "customers.balance_transactions.retrieve",
        "CustomerBalanceTransactionRetrieveParams",
        balance.credit,
    ),
    _list(
        "customers/{}/balance_transactions",
        "customers.balance_transactions.list",
        "CustomerBalanceTransactionListParams",
        balance.credits_of,
        "created invoice",
    ),
    _route("GET", "setup_intents/{}", "setup_intents.retrieve", "SetupIntentRetrieveParams", setups.retrieve),
    _list(
        "setup_intents",
        "setup_intents.list",
        "SetupIntentListParams",
        setups.every,
        "created customer payment_method",
    ),
    _list(
        "invoice_payments",
        "invoice_payments.list",
        "InvoicePaymentListParams",
        invoices.invoice_payments,
        "created invoice payment.type payment.payment_intent status",
    ),
    _route(
        "GET",
        "invoice_payments/{}",
        "invoice_payments.retrieve",
        "InvoicePaymentRetrieveParams",
        invoices.invoice_payment,
    ),
    _route(
        "GET",
        "payment_intents/{}",
        "payment_intents.retrieve",
        "PaymentIntentRetrieveParams",
        payments.retrieve_intent,
    ),
    _list(
        "payment_intents",
        "payment_intents.list",
        "PaymentIntentListParams",
        payments.intents,
        "created customer",
    ),
    _route("GET", "charges/{}", "charges.retrieve", "ChargeRetrieveParams", payments.retrieve_charge),
    _list("charges", "charges.list", "ChargeListParams", payments.charges, "created customer payment_intent"),
    _route(
        "POST",
        "test_helpers/test_clocks",
        "test_helpers.test_clocks.create",
        "test_helpers.TestClockCreateParams",
        frozen.create,
        "frozen_time name",
    ),
    _route(
        "GET",
        "test_helpers/test_clocks/{}",
        "test_helpers.test_clocks.retrieve",
        "test_helpers.TestClockRetrieveParams",
        frozen.retrieve,
    ),
    _route(
        "POST",
        "test_helpers/test_clocks/{}/advance",
        "test_helpers.test_clocks.advance",
        "test_helpers.TestClockAdvanceParams",
        frozen.advance_with(clock.catch_up),
        "frozen_time",
    ),
    _route(
        "DELETE",
        "test_helpers/test_clocks/{}",
        "test_helpers.test_clocks.delete",
        "test_helpers.TestClockDeleteParams",
        frozen.delete,
    ),
    _list(
        "test_helpers/test_clocks",
        "test_helpers.test_clocks.list",
        "test_helpers.TestClockListParams",
        frozen.every,
    ),
    _route(
        "POST",
        "refunds",
        "refunds.create",
        "RefundCreateParams",
        refunds.create,
        "amount charge metadata payment_intent reason",
    ),
    _route("GET", "refunds/{}", "refunds.retrieve", "RefundRetrieveParams", refunds.retrieve),
    _route("POST", "refunds/{}", "refunds.update", "RefundUpdateParams", refunds.update, "metadata"),
    _list("refunds", "refunds.list", "RefundListParams", refunds.every, "charge created payment_intent"),
    _route("GET", "disputes/{}", "disputes.retrieve", "DisputeRetrieveParams", disputes.retrieve),
    _route(
        "POST", "disputes/{}", "disputes.update", "DisputeUpdateParams", disputes.update, "evidence metadata submit"
    ),
    _route("POST", "disputes/{}/close", "disputes.close", "DisputeCloseParams", disputes.accept),
    _list("disputes", "disputes.list", "DisputeListParams", disputes.every, "charge created payment_intent"),
    _route(
        "GET",
        "radar/early_fraud_warnings/{}",
        "radar.early_fraud_warnings.retrieve",
        "radar.EarlyFraudWarningRetrieveParams",
        disputes.warning,
    ),
    _list(
        "radar/early_fraud_warnings",
        "radar.early_fraud_warnings.list",
        "radar.EarlyFraudWarningListParams",
        disputes.warnings,
        "charge created payment_intent",
    ),
    _route("GET", "events/{}", "events.retrieve", "EventRetrieveParams", events.retrieve),
    _list("events", "events.list", "EventListParams", events.every, "created type types"),
    _route(
        "POST",
        "webhook_endpoints",
        "webhook_endpoints.create",
        "WebhookEndpointCreateParams",
        events.create_endpoint,
        "api_version description enabled_events metadata url",
    ),
    _route(
        "GET",
        "webhook_endpoints/{}",
        "webhook_endpoints.retrieve",
        "WebhookEndpointRetrieveParams",
        events.retrieve_endpoint,
    ),
    _route(
        "POST",
        "webhook_endpoints/{}",
        "webhook_endpoints.update",
        "WebhookEndpointUpdateParams",
        events.update_endpoint,
        "description disabled enabled_events metadata url",
    ),
    _route(
        "DELETE",
        "webhook_endpoints/{}",
        "webhook_endpoints.delete",
        "WebhookEndpointDeleteParams",
        events.delete_endpoint,
    ),
    _list(
        "webhook_endpoints",
        "webhook_endpoints.list",
        "WebhookEndpointListParams",
        events.endpoints,
    ),
)


@cache
def _by_shape() -> dict[tuple[str, int], list[Route]]:
    """Sort the routes by method and number of slashes, so that few patterns are tried for a request."""
    sorted_out: dict[tuple[str, int], list[Route]] = {}
    for route in ROUTES:
        sorted_out.setdefault((route.method, route.pattern.pattern.replace("[^/]", "").count("/")), []).append(route)
    return sorted_out


def find(method: str, path: str) -> tuple[Route, tuple[str, ...]] | None:
    """Return the route of a call and the ids in its address."""
    for route in _by_shape().get((method, path.count("/")), ()):
        match = route.pattern.match(path)
        if match is not None and match.groups()[-1:] != ("search",):  # that is a call of its own
            return route, match.groups()
    return None
