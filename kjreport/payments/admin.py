"""Customers, payments and Stripe's letters, to look at: the truth of them is at Stripe."""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from kjreport.payments import inbox, refunding
from kjreport.payments.models import CheckoutAttempt, Customer, EntryKind, Payment, RefundOrder, StripeEvent
from kjreport.payments.stripe_gateway import GatewayError, GatewayRefused

if TYPE_CHECKING:
    from kjreport.accounts.models import User

logger = logging.getLogger(__name__)


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


class Refundable[M: Model](LookingOnly[M]):
    """Rows whose page leads, for those with the right, to a page that asks before money goes back."""

    def get_urls(self) -> list[URLPattern]:
        """Put the asking page before Django's own."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_refund"
        return [
            path("<path:object_id>/refund/", self.admin_site.admin_view(self.refund), name=name),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Offer the way to the asking page to those who may take it."""
        context = {"may_refund": refunding.may_refund(cast("User", request.user)), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def refund(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask first; on POST, do it and come back to the row."""
        if not refunding.may_refund(cast("User", request.user)):
            raise PermissionDenied
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        if request.method == "POST":
            self.take_refund(request, row)
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", row.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "row": row,
            "choices": [(each, refunding.find_left(each)) for each in self.list_refundable(row)],
        }
        return TemplateResponse(request, f"admin/{self.opts.app_label}/{self.opts.model_name}/refund.html", context)

    def list_refundable(self, row: M) -> list[Payment]:
        """Return the payments to choose from."""
        raise NotImplementedError

    def take_refund(self, request: HttpRequest, row: M) -> None:
        """Do it, and say how it went."""
        raise NotImplementedError

    def say_how_it_went(self, request: HttpRequest, deed: Callable[[], object], done: str) -> None:
        """Do it, and tell the colleague what happened and what to do."""
        try:
            deed()
        except refunding.NothingLeft:
            self.message_user(request, "That has been done already. Nothing more was given back.", messages.INFO)
        except GatewayRefused as error:
            self.message_user(request, f"Stripe refused, and nothing was given back: {error}", messages.ERROR)
        except GatewayError:
            logger.warning("A refund has to wait", exc_info=True)
            wait = "Stripe could not be reached. The order is kept, and is carried out as soon as Stripe answers."
            self.message_user(request, wait, messages.WARNING)
        else:
            self.message_user(request, done, messages.SUCCESS)


@admin.register(Customer)
class CustomerAdmin(LookingOnly[Customer]):
    """Who has paid."""

    list_display = ["__str__", "user", "stripe_id", "created_at", "synced_at"]
    list_select_related = ["user"]
    search_fields = ["email", "user__email", "stripe_id"]
    date_hierarchy = "created_at"


@admin.register(Payment)
class PaymentAdmin(Refundable[Payment]):
    """The ledger; a payment of any kind, a gift too, can be given back whole."""

    list_display = ["occurred_at", "kind", "purpose", "shown_amount", "customer", "description"]
    list_filter = ["kind", "purpose", "currency"]
    list_select_related = ["customer"]
    search_fields = ["stripe_id", "payment_intent_id", "invoice_id", "customer__email", "customer__user__email"]
    date_hierarchy = "occurred_at"

    @admin.display(description="amount", ordering="amount")
    def shown_amount(self, payment: Payment) -> str:
        """The amount as people write it."""
        return payment.money.display

    def list_refundable(self, row: Payment) -> list[Payment]:
        """Return the payment itself; what went back cannot go back again."""
        if row.kind != EntryKind.PAYMENT:
            raise Http404
        return [row]

    def take_refund(self, request: HttpRequest, row: Payment) -> None:
        """Give back what is left of it."""
        by = cast("User", request.user)
        self.say_how_it_went(request, lambda: refunding.refund(row, by=by), "It is on its way back.")


@admin.register(RefundOrder)
class RefundOrderAdmin(LookingOnly[RefundOrder]):
    """Who gave money back, when, and how it went."""

    list_display = ["ordered_at", "payment", "ordered_by", "subscription_id", "refunded_at", "finished_at", "error"]
    list_select_related = ["payment", "ordered_by"]
    search_fields = ["payment__stripe_id", "payment__payment_intent_id", "ordered_by__email", "subscription_id"]
    date_hierarchy = "ordered_at"


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
