"""Plans and prices, readers' subscriptions to look at, and access given by one of us."""

from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.forms import ModelForm
from django.http import HttpRequest

from kjreport.payments.admin import Refundable
from kjreport.payments.models import Payment
from subscriptions import refunding
from subscriptions.models import Grant, Plan, Price, Subscription
from subscriptions.offer import forget_offer

if TYPE_CHECKING:
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


@admin.register(Subscription)
class SubscriptionAdmin(Refundable[Subscription]):
    """Readers' arrangements, mirrored from Stripe; “Refund and cancel” does both."""

    list_display = ["customer", "plan", "shown_price", "status", "started_at", "period_end", "ends_at"]
    list_filter = ["status", "plan", "interval"]
    list_select_related = ["customer__user", "plan"]
    search_fields = ["stripe_id", "customer__email", "customer__user__email", "customer__stripe_id"]
    date_hierarchy = "started_at"

    @admin.display(description="price")
    def shown_price(self, subscription: Subscription) -> str:
        """What is paid, how often."""
        return f"{subscription.money.display} a {subscription.interval or 'time'}"

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
