"""Customers, what they paid and set out to pay, each leading to the others."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from django.contrib import admin
from django.db.models import Q
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.formats import date_format

from kjreport.payments import refunding
from kjreport.payments.admin.looking import (
    MOST_BESIDE,
    Beside,
    LookingOnly,
    Row,
    address_of,
    link,
    list_address,
    put_beside,
)
from kjreport.payments.admin.refunds import Refundable
from kjreport.payments.models import CheckoutAttempt, Customer, EntryKind, Payment

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from kjreport.accounts.models import User

ENTRY = ("Date", "Amount", "What", "For")


@admin.register(Customer)
class CustomerAdmin(LookingOnly[Customer]):
    """Who has paid."""

    list_display = ["__str__", "user", "stripe_id", "created_at", "synced_at"]
    list_select_related = ["user"]
    search_fields = ["email", "user__email", "user__name", "stripe_id"]
    date_hierarchy = "created_at"
    fieldsets = [
        (None, {"fields": ["user", "email", "paid_in_all", "stripe_id"]}),
        ("In step with Stripe", {"fields": ["created_at", "synced_at", "deleted_at"]}),
    ]

    @admin.display(description="paid in all")
    def paid_in_all(self, customer: Customer) -> str:
        """What is left of all they paid, by currency."""
        paid = Payment.objects.filter(customer=customer)
        currencies = paid.order_by("currency").values_list("currency", flat=True).distinct()
        return ", ".join(paid.total(currency).display for currency in currencies) or "Nothing yet"


@admin.register(Payment)
class PaymentAdmin(Refundable[Payment]):
    """The ledger; a payment of any kind, a gift too, can be given back whole."""

    change_form_template = "admin/payments/payment/change_form.html"
    list_display = ["occurred_at", "shown_amount", "kind", "purpose", "shown_customer", "description"]
    list_filter = ["kind", "purpose", "currency"]
    list_select_related = ["customer__user"]
    search_fields = [
        "stripe_id",
        "payment_intent_id",
        "invoice_id",
        "customer__stripe_id",
        "customer__email",
        "customer__user__email",
    ]
    date_hierarchy = "occurred_at"
    fieldsets = [
        (None, {"fields": ["shown_amount", "left", "kind", "purpose", "description", "shown_customer", "shown_of"]}),
        ("When", {"fields": ["occurred_at", "recorded_at"]}),
        ("At Stripe", {"fields": ["stripe_id", "payment_intent_id", "invoice_id"]}),
    ]

    @admin.display(description="amount", ordering="amount")
    def shown_amount(self, payment: Payment) -> str:
        """The amount as people write it."""
        return payment.money.display

    @admin.display(description="what is left of it")
    def left(self, payment: Payment) -> str:
        """What has not gone back, for money that came in through Stripe."""
        return refunding.find_left(payment).display if payment.kind == EntryKind.PAYMENT else "–"  # noqa: RUF001 - a dash

    @admin.display(description="customer", ordering="customer__email")
    def shown_customer(self, payment: Payment) -> "SafeString | str":
        """The way to whoever paid."""
        return link(payment.customer)

    @admin.display(description="gives back")
    def shown_of(self, payment: Payment) -> "SafeString | str":
        """The payment that an entry takes from."""
        return link(payment.of)

    def list_refundable(self, row: Payment) -> list[Payment]:
        """Return the payment itself; what went back cannot go back again, nor what never came through Stripe."""
        if row.kind != EntryKind.PAYMENT:
            raise Http404
        return [row]

    def take_refund(self, request: HttpRequest, row: Payment) -> None:
        """Give back what is left of it."""
        by = cast("User", request.user)
        self.say_how_it_went(request, lambda: refunding.refund(row, by=by), "It is on its way back.")


@admin.register(CheckoutAttempt)
class CheckoutAttemptAdmin(LookingOnly[CheckoutAttempt]):
    """Who set out to pay, and how it went."""

    list_display = ["created_at", "kind", "user", "state", "reason"]
    list_filter = ["kind", "state"]
    list_select_related = ["user"]
    search_fields = ["user__email", "stripe_session_id"]
    date_hierarchy = "created_at"
    fieldsets = [
        (None, {"fields": ["kind", "state", "reason", "user", "shown_customer", "return_to"]}),
        ("When", {"fields": ["created_at", "started_at", "finished_at", "tries"]}),
        ("At Stripe", {"fields": ["stripe_session_id", "key"]}),
    ]

    @admin.display(description="customer")
    def shown_customer(self, attempt: CheckoutAttempt) -> "SafeString | str":
        """The way to whoever it was."""
        return link(attempt.customer)


def list_entry(payment: Payment) -> Row:
    """Tell of a ledger entry in a line."""
    day = date_format(timezone.localtime(payment.occurred_at), "j M Y")
    return Row(
        address_of(payment), (day, payment.money.display, payment.get_kind_display(), payment.get_purpose_display())
    )


def find_payments(customer: Customer) -> Iterator[Beside]:
    """Find what a customer paid, and set out to pay."""
    paid = Payment.objects.filter(customer=customer)[:MOST_BESIDE]
    everything = list_address(Payment, q=customer.stripe_id or "") if len(paid) == MOST_BESIDE else ""
    yield Beside("Payments", ENTRY, [list_entry(each) for each in paid], everything)


def find_attempts(customer: Customer) -> Iterator[Beside]:
    """Find how often a customer set out to pay."""
    attempts = CheckoutAttempt.objects.filter(customer=customer)[:MOST_BESIDE]
    rows = [
        Row(address_of(each), (each.created_at, each.get_kind_display(), each.get_state_display(), each.reason))
        for each in attempts
    ]
    yield Beside("Attempts to pay", ("Begun", "For", "State", "Why"), rows)


def find_entries(payment: Payment) -> Iterator[Beside]:
    """Find the other entries about the same money: what went back of it, and the other parts of its invoice."""
    same = Q(of=payment) | (Q(payment_intent_id=payment.payment_intent_id) & ~Q(payment_intent_id=""))
    if payment.invoice_id:
        same |= Q(invoice_id=payment.invoice_id)
    others = Payment.objects.filter(same).exclude(pk=payment.pk)[:MOST_BESIDE]
    yield Beside("Entries about the same money", ENTRY, [list_entry(each) for each in others])


put_beside(Customer, "payments.view_payment", find_payments)
put_beside(Customer, "payments.view_checkoutattempt", find_attempts)
put_beside(Payment, "payments.view_payment", find_entries)
