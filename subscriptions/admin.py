"""Plans and prices, readers' subscriptions to look at, and access given by one of us."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format

from kjreport.payments.admin import Beside, LookingOnly, Refundable, Row, link, put_beside
from kjreport.payments.admin.ledger import ENTRY, list_entry
from kjreport.payments.admin.letters import list_letters
from kjreport.payments.admin.looking import MOST_BESIDE, address_of
from kjreport.payments.letters import Letter
from kjreport.payments.models import Customer, Payment, Purpose, StripeEvent
from subscriptions import refunding
from subscriptions.access import Access, Told, weigh
from subscriptions.models import Grant, Notice, Plan, Price, Subscription
from subscriptions.offer import forget_offer

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from kjreport.accounts.models import User


class PriceInline(admin.TabularInline[Price, Plan]):
    """A plan's prices. One that is sold is never changed: take it off the offer and add another."""

    model = Price
    extra = 0
    fields = ["interval", "amount", "currency", "is_offered", "stripe_price_id"]
    readonly_fields = ["stripe_price_id"]
    can_delete = False


@admin.register(Plan)
class PlanAdmin(admin.ModelAdmin[Plan]):
    """What is sold."""

    list_display = ["name", "is_offered", "position", "stripe_product_id"]
    readonly_fields = ["stripe_product_id"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [PriceInline]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: ANN401, FBT001 - Django's signature
        """Show readers the new offer at once."""
        super().save_related(request, form, formsets, change)
        forget_offer()

    def has_delete_permission(self, request: HttpRequest, obj: Plan | None = None) -> bool:  # noqa: ARG002 - Django's signature
        """A plan is taken off the offer, not deleted: people have subscribed to it."""
        return False


class TwoAtOnce(admin.SimpleListFilter):
    """Subscriptions of readers who pay for more than one."""

    title = "two at once"
    parameter_name = "double"

    def lookups(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        model_admin: admin.ModelAdmin[Any],  # noqa: ARG002 - likewise
    ) -> list[tuple[str, str]]:
        """Offer the one pile there is."""
        return [("yes", "Paid for twice")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Subscription]) -> QuerySet[Subscription]:  # noqa: ARG002 - likewise
        """Show those of readers who have two that run."""
        if self.value() != "yes":
            return queryset
        return queryset.filter(
            pk__in=Subscription.objects.running(), customer__in=Subscription.objects.paid_for_twice()
        )


@admin.register(Subscription)
class SubscriptionAdmin(Refundable[Subscription]):
    """Readers' arrangements, mirrored from Stripe; “Refund and cancel” does both."""

    change_form_template = "admin/subscriptions/subscription/change_form.html"
    list_display = ["shown_customer", "plan", "shown_price", "status", "started_at", "period_end", "ends_at"]
    list_filter = ["status", TwoAtOnce, "plan", "interval"]
    fieldsets = [
        (None, {"fields": ["shown_customer", "plan", "shown_price", "status", "reads", "shown_card"]}),
        (
            "When",
            {"fields": ["started_at", "trial_end", "period_end", "canceled_at", "ends_at", "ended_at", "end_reason"]},
        ),
        (
            "Its latest invoice",
            {"fields": ["invoice_id", "invoice_status", "invoice_finalized_at", "payment_retry_at", "awaits_bank"]},
        ),
        (
            "In step with Stripe",
            {"fields": ["stripe_id", "synced_at", "pause_cause", "revoked_at", "gave_access", "unknown_since"]},
        ),
    ]
    list_select_related = ["customer__user", "plan"]
    search_fields = ["stripe_id", "customer__email", "customer__user__email", "customer__stripe_id"]
    date_hierarchy = "started_at"

    @admin.display(description="price")
    def shown_price(self, subscription: Subscription) -> str:
        """What is paid, how often."""
        return f"{subscription.money.display} a {subscription.interval or 'time'}"

    @admin.display(description="customer", ordering="customer__email")
    def shown_customer(self, subscription: Subscription) -> "SafeString | str":
        """The way to whoever subscribes."""
        return link(subscription.customer)

    @admin.display(description="card")
    def shown_card(self, subscription: Subscription) -> str:
        """The card it is charged to, as far as we know it."""
        return subscription.card.display if subscription.card else "Not known"

    @admin.display(description="reading")
    def reads(self, subscription: Subscription) -> str:
        """How much it opens just now, and what its reader is told."""
        verdict = weigh(subscription.state, now=timezone.now(), grace=settings.SUBSCRIPTION_GRACE)
        told = "" if verdict.told is Told.NOTHING else f"; told: {verdict.told.replace('_', ' ')}"
        until = f" until {date_format(timezone.localtime(verdict.until), 'j F Y, H:i')}" if verdict.until else ""
        return f"{_OPENS[verdict.access]}{until}{told}"

    def list_refundable(self, row: Subscription) -> list[Payment]:
        """Return what its reader has paid, to choose from."""
        return refunding.list_payments(row)

    def take_refund(self, request: HttpRequest, row: Subscription) -> None:
        """Give the chosen payment back, and end the subscription."""
        chosen = request.POST.get("payment", "")
        payment = next((each for each in refunding.list_payments(row) if str(each.pk) == chosen), None)
        if payment is None:
            self.message_user(request, "Please choose the payment to give back.", messages.ERROR)
            return
        by = cast("User", request.user)
        done = "The money is on its way back, and the subscription is cancelled."
        try:
            self.say_how_it_went(request, lambda: refunding.refund_and_cancel(row, payment, by=by), done)
        except refunding.NotOfThisSubscription:
            wrong = "That payment was for another subscription of this reader. Nothing was given back."
            self.message_user(request, wrong, messages.ERROR)


_OPENS = {Access.FULL: "Everything is open", Access.GRACE: "Open, in grace", Access.NONE: "Closed"}


@admin.register(Notice)
class NoticeAdmin(LookingOnly[Notice]):
    """Letters we wrote to readers."""

    list_display = ["created_at", "kind", "whose", "sent_at"]
    list_filter = ["kind"]
    list_select_related = ["subscription__customer__user"]
    search_fields = ["subscription__stripe_id", "subscription__customer__email", "subscription__customer__user__email"]
    date_hierarchy = "created_at"
    fieldsets = [(None, {"fields": ["kind", "whose", "occasion", "created_at", "taken_at", "sent_at"]})]

    @admin.display(description="subscription")
    def whose(self, notice: Notice) -> "SafeString | str":
        """The way to the subscription it was about."""
        return link(notice.subscription)


def find_subscriptions(customer: Customer) -> Iterator[Beside]:
    """Find what a customer subscribed to."""
    rows = Subscription.objects.filter(customer=customer).select_related("plan")[:MOST_BESIDE]
    cells = ((each, (each.started_at, each.plan or "not ours", each.money.display, each.status)) for each in rows)
    yield Beside(
        "Subscriptions", ("Begun", "Plan", "Price", "Status"), [Row(address_of(row), said) for row, said in cells]
    )


def find_payments(subscription: Subscription) -> Iterator[Beside]:
    """Find what the subscriber paid."""
    entries = Payment.objects.filter(customer=subscription.customer, purpose=Purpose.SUBSCRIPTION)[:MOST_BESIDE]
    yield Beside("Payments of this reader", ENTRY, [list_entry(each) for each in entries])


def find_notices(subscription: Subscription) -> Iterator[Beside]:
    """Find what we wrote to the reader."""
    notices = Notice.objects.filter(subscription=subscription).order_by("-created_at")[:MOST_BESIDE]
    rows = [
        Row(address_of(each), (each.created_at, each.get_kind_display(), each.sent_at or "waits")) for each in notices
    ]
    yield Beside("Letters to the reader", ("Written", "Letter", "Sent"), rows)


def find_letters(subscription: Subscription) -> Iterator[Beside]:
    """Find what Stripe wrote about a subscription or its latest invoice."""
    named = {subscription.stripe_id, subscription.invoice_id} - {""}
    yield list_letters("Letters from Stripe", StripeEvent.objects.filter(object_id__in=named))


def find_subscriptions_named(event: StripeEvent) -> Iterator[Beside]:
    """Find the subscription that a letter speaks of."""
    named = {event.object_id, Letter.of(event).subscription_id} - {""}
    found = Subscription.objects.filter(stripe_id__in=named).select_related("plan")
    rows = [Row(address_of(each), (each.customer, each.plan or "not ours", each.status)) for each in found]
    yield Beside("Subscriptions", ("Whose", "Plan", "Status"), rows)


put_beside(Customer, "subscriptions.view_subscription", find_subscriptions)
put_beside(Subscription, "payments.view_payment", find_payments)
put_beside(Subscription, "subscriptions.view_notice", find_notices)
put_beside(Subscription, "payments.view_stripeevent", find_letters)
put_beside(StripeEvent, "subscriptions.view_subscription", find_subscriptions_named)


@admin.register(Grant)
class GrantAdmin(admin.ModelAdmin[Grant]):
    """Access given: to whom, by whom, why, until when."""

    list_display = ["user", "reason", "granted_by", "begins_at", "until"]
    list_select_related = ["user", "granted_by"]
    raw_id_fields = ["user"]
    readonly_fields = ["granted_by"]
    search_fields = ["user__email", "reason"]

    def save_model(self, request: HttpRequest, obj: Grant, form: ModelForm[Grant], change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Note who gave it."""
        if not change:
            obj.granted_by_id = request.user.pk
        super().save_model(request, obj, form, change)
