"""The publisher's view of gifts. Amounts are Stripe's truth and cannot be changed here."""

from typing import TYPE_CHECKING

from django.contrib import admin
from django.http import HttpRequest

from donations.models import Campaign, Donation, Pledge
from kjreport.payments.admin import Beside, LookingOnly, Row, link, put_beside
from kjreport.payments.admin.looking import MOST_BESIDE, address_of
from kjreport.payments.models import Customer, Payment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet
    from django.utils.safestring import SafeString


@admin.register(Campaign)
class CampaignAdmin(admin.ModelAdmin[Campaign]):
    """What gifts are for."""

    list_display = ["name", "is_open", "position"]
    prepopulated_fields = {"slug": ["name"]}
    fields = ["name", "slug", "description", "suggested_amounts", "currency", "is_open", "position"]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Campaign | None = None) -> dict[str, list[str]]:  # type: ignore[override]
        """Suggest an address for a new campaign only."""
        return {} if obj else dict(super().get_prepopulated_fields(request, obj))  # type: ignore[arg-type]

    def get_readonly_fields(self, request: HttpRequest, obj: Campaign | None = None) -> list[str]:  # noqa: ARG002
        """Keep what Stripe's product is named by."""
        return ["slug", "currency"] if obj else []


@admin.register(Donation)
class DonationAdmin(LookingOnly[Donation]):
    """Gifts received."""

    list_display = ["amount", "received_at", "giver", "campaign", "is_monthly", "receipt_sent_at"]
    fieldsets = [
        (None, {"fields": ["amount", "received_at", "campaign", "shown_payment", "shown_pledge"]}),
        ("The giver", {"fields": ["giver", "note", "user", "email", "receipt_sent_at"]}),
    ]
    list_filter = ["campaign", "payment__occurred_at"]
    search_fields = ["name", "email", "payment__stripe_id"]
    date_hierarchy = "payment__occurred_at"

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Donation]":
        """Fetch what the list shows."""
        return super().get_queryset(request).select_related("payment", "campaign", "pledge")

    @admin.display(ordering="payment__amount")
    def amount(self, donation: Donation) -> str:
        """What came."""
        return donation.payment.money.display

    @admin.display(ordering="payment__occurred_at", description="received")
    def received_at(self, donation: Donation) -> object:
        """When it came."""
        return donation.payment.occurred_at

    @admin.display(ordering="name")
    def giver(self, donation: Donation) -> str:
        """Who gave, and whether they may be named."""
        name = donation.name or donation.email or "unnamed"
        return f"{name} (anonymous in public)" if donation.is_anonymous else name

    @admin.display(description="payment")
    def shown_payment(self, donation: Donation) -> "SafeString | str":
        """The way to the ledger's entry, where it can be given back."""
        return link(donation.payment)

    @admin.display(description="monthly gift")
    def shown_pledge(self, donation: Donation) -> "SafeString | str":
        """The way to the promise it came of."""
        return link(donation.pledge)

    @admin.display(boolean=True, description="monthly")
    def is_monthly(self, donation: Donation) -> bool:
        """Whether it came of a pledge."""
        return donation.pledge is not None


@admin.register(Pledge)
class PledgeAdmin(LookingOnly[Pledge]):
    """Monthly promises."""

    list_display = ["money", "status", "public_name", "campaign", "started_at", "next_gift_at", "ends_at"]
    list_filter = ["status", "campaign"]
    search_fields = ["name", "customer__email", "stripe_id"]
    list_select_related = ["campaign", "customer__user"]
    fieldsets = [
        (None, {"fields": ["money", "status", "campaign", "shown_customer"]}),
        ("The giver", {"fields": ["name", "is_anonymous", "note"]}),
        ("When", {"fields": ["started_at", "next_gift_at", "ends_at", "ended_at", "synced_at", "stripe_id"]}),
    ]

    @admin.display(description="customer")
    def shown_customer(self, pledge: Pledge) -> "SafeString | str":
        """The way to whoever promised it."""
        return link(pledge.customer)


def _list(donations: "QuerySet[Donation]") -> list[Row]:
    return [
        Row(address_of(each), (each.payment.occurred_at, each.payment.money.display, each.campaign))
        for each in donations.select_related("payment", "campaign")[:MOST_BESIDE]
    ]


def find_gifts_of(customer: Customer) -> "Iterator[Beside]":
    """Find what a customer gave, and promised to give."""
    yield Beside("Gifts", ("Date", "Amount", "For"), _list(Donation.objects.filter(payment__customer=customer)))
    pledges = [
        Row(address_of(each), (each.started_at, each.money.display, each.status)) for each in customer.pledges.all()
    ]
    yield Beside("Monthly gifts", ("Begun", "Amount", "Status"), pledges)


def find_gifts_for(row: Payment | Pledge) -> "Iterator[Beside]":
    """Find the gifts that a payment is, or that came of a promise."""
    asked = {"payment": row} if isinstance(row, Payment) else {"pledge": row}
    yield Beside("Gifts", ("Date", "Amount", "For"), _list(Donation.objects.filter(**asked)))


put_beside(Customer, "donations.view_donation", find_gifts_of)
put_beside(Payment, "donations.view_donation", find_gifts_for)
put_beside(Pledge, "donations.view_donation", find_gifts_for)
