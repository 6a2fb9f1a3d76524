"""Stripe's letters: what came, what became of it, why it failed, and opening one again."""

import json
from collections.abc import Iterator
from typing import Any, Literal

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from kjreport.payments import inbox
from kjreport.payments.admin.ledger import ENTRY, list_entry
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
from kjreport.payments.letters import Letter
from kjreport.payments.models import Customer, Payment, StripeEvent
from kjreport.payments.stripe_gateway import GatewayError

type Pile = Literal["waiting", "damaged", "processed", "ignored"]
_MAY_PROCESS = "payments.process_stripeevent"
_NAMES: dict[Pile, str] = {
    "waiting": "Waiting",
    "damaged": "Given up on",
    "processed": "Processed",
    "ignored": "Ignored",
}


def find_pile(event: StripeEvent) -> Pile:
    """Say on which pile a letter lies."""
    if event.processed_at is not None:
        return "processed"
    if event.ignored_at is not None:
        return "ignored"
    return "waiting" if event.next_attempt_at is not None else "damaged"


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
        return [*_NAMES.items()]

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

    change_form_template = "admin/payments/stripeevent/change_form.html"
    list_display = ["occurred_at", "type", "became", "about", "attempts", "reason"]
    list_display_links = ["occurred_at", "type"]
    list_filter = [WhatBecameOfIt, "type"]
    search_fields = ["stripe_id", "object_id", "customer_id"]
    search_help_text = "Stripe’s id of the letter, of what it is about, or of the customer."  # noqa: RUF001 - an apostrophe
    date_hierarchy = "occurred_at"
    actions = ["process_again"]

    def has_process_permission(self, request: HttpRequest) -> bool:
        """Whether this colleague may have letters opened again."""
        return request.user.has_perm(_MAY_PROCESS)

    def get_queryset(self, request: HttpRequest) -> QuerySet[StripeEvent]:
        """Leave the contents of letters where they are: a list needs none."""
        return super().get_queryset(request).defer("payload")

    fieldsets = (
        (None, {"fields": ["became", "what_happened", "attempts"]}),
        ("What came", {"fields": ["type", "about", "shown_customer", "occurred_at", "received_at", "stripe_id"]}),
        ("The letter itself", {"fields": ["contents"], "classes": ["wide-part"]}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: StripeEvent | None = None) -> Any:  # noqa: ANN401 - Django's signature
        """Show the contents, which may name people, only to those who may open letters."""
        parts = super().get_fieldsets(request, obj)
        return parts if self.has_process_permission(request) else parts[:-1]

    def get_urls(self) -> list[URLPattern]:
        """Put “process again” before Django's own pages."""
        again = path(
            "<path:object_id>/process/",
            self.admin_site.admin_view(self.process_one),
            name="payments_stripeevent_process",
        )
        return [again, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Offer the button to those who may press it."""
        context = {"may_process": self.has_process_permission(request), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def process_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Open a letter again here and now (POST), and say how it went. Doing it twice does no harm."""
        event = self.get_object(request, object_id)
        if event is None:
            raise Http404
        if not self.has_process_permission(request) or request.method != "POST":
            raise PermissionDenied
        try:
            inbox.replay(event)
        except GatewayError as error:
            gone = f"Its contents are gone, and Stripe did not give them again: {error}"
            self.message_user(request, gone, messages.ERROR)
        else:
            event.refresh_from_db()
            good = find_pile(event) in {"processed", "ignored"}
            said = self.what_happened(event)
            self.message_user(request, said, messages.SUCCESS if good else messages.ERROR)
        return redirect("admin:payments_stripeevent_change", event.pk)

    @admin.action(description="Process again", permissions=["process"])
    def process_again(self, request: HttpRequest, queryset: QuerySet[StripeEvent]) -> None:
        """Put the chosen letters back on the pile. Doing it twice does no harm."""
        chosen = queryset.filter(payload__isnull=False)
        count = 0
        for event in chosen.iterator(chunk_size=100):
            inbox.process_again(event)
            count += 1
        self.message_user(
            request, f"{count} put back on the pile; a worker opens them within a minute.", messages.SUCCESS
        )
        if emptied := queryset.filter(payload__isnull=True).count():
            left = f"{emptied} left as they are, for their contents were removed: open them one by one."
            self.message_user(request, left, messages.WARNING)

    @admin.display(description="what became of it")
    def became(self, event: StripeEvent) -> SafeString:
        """The letter's state, in words and a colour."""
        pile = find_pile(event)
        return format_html('<span class="pile pile--{}">{}</span>', pile, _NAMES[pile])

    @admin.display(description="what happened")
    def what_happened(self, event: StripeEvent) -> str:
        """What was done with it, or what keeps it from being done, in a sentence."""
        match find_pile(event):
            case "processed":
                return f"Taken in on {_moment(event.processed_at)}."
            case "ignored":
                return f"Set aside on {_moment(event.ignored_at)}: {event.ignored_reason}"
            case "waiting" if event.last_error:
                return f"It failed, and is opened again on {_moment(event.next_attempt_at)}: {event.last_error}"
            case "waiting":
                return "It is opened as soon as a worker is free."
            case _:
                why = event.last_error.rstrip(".") or "nothing was noted"
                return (
                    f"Given up on after {event.attempts} attempts: {why}. Once that is mended, press “Process again”."
                )

    @admin.display(description="about", ordering="object_id")
    def about(self, event: StripeEvent) -> str:
        """Stripe's id of what it is about."""
        return event.object_id or "–"  # noqa: RUF001 - a dash

    @admin.display(description="why")
    def reason(self, event: StripeEvent) -> str:
        """Why it failed last, or was set aside, in short."""
        return Truncator(event.last_error or event.ignored_reason).chars(80)

    @admin.display(description="customer")
    def shown_customer(self, event: StripeEvent) -> SafeString | str:
        """The way to whoever it is about, if they are ours."""
        customer = Customer.objects.filter(stripe_id=event.customer_id).first() if event.customer_id else None
        return link(customer) if customer else event.customer_id or "–"  # noqa: RUF001 - a dash

    @admin.display(description="contents")
    def contents(self, event: StripeEvent) -> SafeString:
        """The letter as Stripe wrote it."""
        if event.payload is None:
            return format_html("<p>{}</p>", "Removed for its age, or because the person closed their account.")
        written = json.dumps(event.payload, indent=2, ensure_ascii=False, sort_keys=True)
        return format_html('<pre class="letter-contents" tabindex="0">{}</pre>', written)


def _moment(moment: Any) -> str:  # noqa: ANN401 - a moment, or none
    return date_format(timezone.localtime(moment), "j M Y, H:i") if moment else "no date"


def find_money(event: StripeEvent) -> Iterator[Beside]:
    """Find the ledger entries that a letter speaks of."""
    letter = Letter.of(event)
    named = {letter.object_id, letter.payment_intent_id, letter.invoice_id} - {""}
    same = Q(stripe_id__in=named) | Q(payment_intent_id__in=named) | Q(invoice_id__in=named)
    rows = [list_entry(each) for each in Payment.objects.filter(same)[:MOST_BESIDE]] if named else []
    yield Beside("In the ledger", ENTRY, rows)


def list_letters(title: str, letters: QuerySet[StripeEvent], *, everything: str = "") -> Beside:
    """Tell of the latest of some letters, a line each."""
    found = list(letters.defer("payload")[:MOST_BESIDE])
    rows = [Row(address_of(each), (_moment(each.occurred_at), each.type, _NAMES[find_pile(each)])) for each in found]
    return Beside(title, ("Written", "Letter", "State"), rows, everything if len(found) == MOST_BESIDE else "")


def find_letters_of(customer: Customer) -> Iterator[Beside]:
    """Find what Stripe wrote about a customer."""
    if customer.stripe_id:
        letters = StripeEvent.objects.filter(customer_id=customer.stripe_id)
        yield list_letters("Letters from Stripe", letters, everything=list_address(StripeEvent, q=customer.stripe_id))


def find_letters_about(payment: Payment) -> Iterator[Beside]:
    """Find what Stripe wrote about a payment or its invoice."""
    named = {payment.stripe_id, payment.payment_intent_id, payment.invoice_id} - {""}
    yield list_letters("Letters from Stripe", StripeEvent.objects.filter(object_id__in=named))


put_beside(StripeEvent, "payments.view_payment", find_money)
put_beside(Customer, "payments.view_stripeevent", find_letters_of)
put_beside(Payment, "payments.view_stripeevent", find_letters_about)
