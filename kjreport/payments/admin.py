"""Customers, payments and Stripe's letters, to look at: the truth of them is at Stripe."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from kjreport.payments import inbox
from kjreport.payments.models import CheckoutAttempt, Customer, Payment, StripeEvent


class LookingOnly[M: Model](admin.ModelAdmin[M]):
    """Nothing can be added, changed or deleted here, whoever asks."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        """Nobody adds."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:  # noqa: ARG002 - likewise
        """Nobody changes."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:  # noqa: ARG002 - likewise
        """Nobody deletes."""
        return False


@admin.register(Customer)
class CustomerAdmin(LookingOnly[Customer]):
    """Who has paid."""

    list_display = ["__str__", "user", "stripe_id", "created_at", "synced_at"]
    list_select_related = ["user"]
    search_fields = ["email", "user__email", "stripe_id"]
    date_hierarchy = "created_at"


@admin.register(Payment)
class PaymentAdmin(LookingOnly[Payment]):
    """The ledger."""

    list_display = ["occurred_at", "kind", "purpose", "shown_amount", "customer", "description"]
    list_filter = ["kind", "purpose", "currency"]
    list_select_related = ["customer"]
    search_fields = ["stripe_id", "payment_intent_id", "invoice_id", "customer__email", "customer__user__email"]
    date_hierarchy = "occurred_at"

    @admin.display(description="amount", ordering="amount")
    def shown_amount(self, payment: Payment) -> str:
        """The amount as people write it."""
        return payment.money.display


@admin.register(CheckoutAttempt)
class CheckoutAttemptAdmin(LookingOnly[CheckoutAttempt]):
    """Who set out to pay, and how it went."""

    list_display = ["created_at", "kind", "user", "state", "reason"]
    list_filter = ["kind", "state"]
    list_select_related = ["user"]
    search_fields = ["user__email", "stripe_session_id"]
    date_hierarchy = "created_at"


class WhatBecameOfIt(admin.SimpleListFilter):
    """Letters by what became of them."""

    title = "what became of it"
    parameter_name = "state"

    def lookups(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        model_admin: admin.ModelAdmin[Any],  # noqa: ARG002 - likewise
    ) -> list[tuple[str, str]]:
        """Name the piles."""
        return [
            ("waiting", "Waiting"),
            ("damaged", "Given up on"),
            ("processed", "Processed"),
            ("ignored", "Ignored"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[StripeEvent]) -> QuerySet[StripeEvent]:  # noqa: ARG002 - likewise
        """Show one pile."""
        match self.value():
            case "waiting":
                return queryset.filter(next_attempt_at__isnull=False)
            case "damaged":
                return queryset.filter(processed_at__isnull=True, ignored_at__isnull=True, next_attempt_at__isnull=True)
            case "processed":
                return queryset.filter(processed_at__isnull=False)
            case "ignored":
                return queryset.filter(ignored_at__isnull=False)
            case _:
                return queryset


@admin.register(StripeEvent)
class StripeEventAdmin(LookingOnly[StripeEvent]):
    """Letters: what came, what became of it, and why it failed."""

    list_display = ["occurred_at", "type", "customer_id", "became", "attempts", "last_error"]
    list_filter = [WhatBecameOfIt, "type"]
    search_fields = ["stripe_id", "object_id", "customer_id"]
    date_hierarchy = "occurred_at"
    actions = ["process_again"]

    def has_process_permission(self, request: HttpRequest) -> bool:
        """Whether this colleague may have letters opened again."""
        return request.user.has_perm("payments.process_stripeevent")

    @admin.action(description="Process again", permissions=["process"])
    def process_again(self, request: HttpRequest, queryset: QuerySet[StripeEvent]) -> None:
        """Put the chosen letters back on the pile. Doing it twice does no harm."""
        chosen = list(queryset)
        for event in chosen:
            inbox.process_again(event)
        self.message_user(request, f"{len(chosen)} put back on the pile.", messages.SUCCESS)

    @admin.display(description="what became of it")
    def became(self, event: StripeEvent) -> str:
        """The letter's state, in words."""
        if event.processed_at is not None:
            return "Processed"
        if event.ignored_at is not None:
            return f"Ignored: {event.ignored_reason}"
        return "Waiting" if event.next_attempt_at is not None else "Given up on"
