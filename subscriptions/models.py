"""What is sold, what readers have, and access given away."""

from dataclasses import fields
from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from kjreport.payments.cards import Card
from kjreport.payments.models import Customer
from kjreport.payments.money import Money
from subscriptions.access import State


class Plan(models.Model):
    """What a reader subscribes to. Only these products give access."""

    slug = models.SlugField(unique=True, help_text="Part of Stripe's id of it; do not change it once it is sold.")
    name = models.CharField(max_length=80)
    description = models.CharField(
        max_length=255, blank=True, help_text="One sentence, shown on the plans page and at Stripe."
    )
    benefits = models.JSONField(default=list, blank=True, help_text="What it gives, a line each.")
    is_offered = models.BooleanField("offered to new readers", default=True)
    position = models.PositiveSmallIntegerField(default=0)
    stripe_product_id = models.CharField(max_length=255, unique=True, null=True, blank=True, editable=False)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name


class Interval(models.TextChoices):
    """How often a reader pays."""

    MONTH = "month", "month"
    YEAR = "year", "year"


class PriceQuerySet(models.QuerySet["Price"]):
    """Prices by who may still take them."""

    def on_offer(self) -> Self:
        """Prices a new reader may choose, cheapest first."""
        return self.filter(is_offered=True, plan__is_offered=True).select_related("plan").order_by("amount", "pk")


class Price(models.Model):
    """For how much, and how often. Readers choose one by our own number; no amount is ever taken from a browser."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="prices")
    interval = models.CharField(max_length=5, choices=Interval)
    amount = models.PositiveIntegerField(help_text="In minor units (pence), tax included.")
    currency = models.CharField(max_length=3, default="gbp")
    is_offered = models.BooleanField("offered to new readers", default=True)
    stripe_price_id = models.CharField(max_length=255, unique=True, null=True, blank=True, editable=False)

    objects: ClassVar = PriceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="a_price_is_more_than_nothing"),
            models.CheckConstraint(
                condition=models.Q(interval__in=["month", "year"]), name="a_price_is_monthly_or_yearly"
            ),
            models.UniqueConstraint(
                fields=["plan", "interval", "currency"],
                condition=models.Q(is_offered=True),
                name="a_plan_offers_one_price_for_each_interval",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.money.display} a {self.interval}"

    @property
    def money(self) -> Money:
        """What is paid each time."""
        return Money(self.amount, self.currency)

    def clean(self) -> None:
        """A price that is sold stands: readers have agreed to it."""
        sold = Price.objects.filter(pk=self.pk, stripe_price_id__isnull=False).first() if self.pk else None
        if sold and (sold.amount, sold.currency, sold.interval) != (self.amount, self.currency, self.interval):
            raise ValidationError("This price is sold already. Take it off the offer, and add another.")

    @property
    def lookup_key(self) -> str:
        """What Stripe finds it by."""
        return f"{settings.STRIPE_SITE}_{self.plan.slug}_{self.interval}_{self.currency}"


OVER = ("canceled", "incomplete_expired")
RUNNING = ("active", "trialing", "past_due")


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    """Subscriptions in the readers' words."""

    def current(self) -> Self:
        """Subscriptions that are not over. Whether they open the text is for `access.weigh` to say."""
        return self.filter(plan__isnull=False).exclude(status__in=OVER)

    def running(self) -> Self:
        """Subscriptions that are charged again and again, or are tried to be."""
        return self.filter(plan__isnull=False, status__in=RUNNING, ends_at__isnull=True)

    def paid_for_twice(self) -> models.QuerySet["Subscription", Any]:
        """Customers who have more than one that runs, by their number."""
        return (
            self.running()
            .order_by()
            .values("customer")
            .annotate(n=models.Count("pk"))
            .filter(n__gt=1)
            .values("customer")
        )

    def of_reader(self, user_id: int) -> Self:
        """Subscriptions of one reader, the newest first."""
        return self.filter(customer__user_id=user_id).order_by("-started_at", "-pk")


class Subscription(models.Model):
    """A reader's arrangement, mirrored from Stripe, where the truth is. Written by `sync` only."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="subscriptions")
    plan = models.ForeignKey(Plan, models.PROTECT, null=True, blank=True, related_name="subscriptions")
    price = models.ForeignKey(Price, models.PROTECT, null=True, blank=True, related_name="subscriptions")
    stripe_id = models.CharField(max_length=255, unique=True)
    status = models.CharField(max_length=40, help_text="Stripe's own word; new words may come.")
    amount = models.PositiveIntegerField(default=0, help_text="In minor units (pence), each time.")
    currency = models.CharField(max_length=3, default="gbp")
    interval = models.CharField(max_length=5, blank=True)
    started_at = models.DateTimeField()
    period_end = models.DateTimeField(
        null=True, blank=True, help_text="When it next renews; never a reason to give access."
    )
    trial_end = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True, help_text="When it is set to end.")
    ends_by_date = models.BooleanField(
        default=False, help_text="Whether Stripe holds the end as a date of its own (cancel_at)."
    )
    canceled_at = models.DateTimeField(null=True, blank=True, help_text="When the end was asked for.")
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=60, blank=True)
    pause_cause = models.CharField(max_length=60, blank=True)
    invoice_id = models.CharField("latest invoice", max_length=255, blank=True)
    invoice_status = models.CharField(max_length=40, blank=True)
    invoice_finalized_at = models.DateTimeField(null=True, blank=True)
    payment_retry_at = models.DateTimeField(null=True, blank=True, help_text="When Stripe tries the card again.")
    awaits_bank = models.BooleanField(default=False, help_text="The bank wants the reader to confirm.")
    card_brand = models.CharField("card", max_length=40, blank=True, help_text="Stripe's word for its brand.")
    card_last4 = models.CharField("its last digits", max_length=4, blank=True)
    card_expiry_date = models.DateField(
        "its last day", null=True, blank=True, help_text="Until when it can be charged."
    )
    revoked_at = models.DateTimeField(
        null=True, blank=True, help_text="When we ended access ourselves, after a lost dispute."
    )
    gave_access = models.BooleanField(
        default=False, help_text="Whether it last opened the text, should Stripe say something unknown."
    )
    unknown_since = models.DateTimeField(
        null=True, blank=True, help_text="Since when Stripe has said something unknown."
    )
    synced_at = models.DateTimeField()

    objects: ClassVar = SubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]
        indexes = [models.Index(fields=["customer", "status"], name="subscription_of_customer")]

    def __str__(self) -> str:
        return f"{self.customer}: {self.status}"

    @property
    def money(self) -> Money:
        """What is paid each time."""
        return Money(self.amount, self.currency)

    @property
    def card(self) -> Card | None:
        """The card it is charged to, if it is a card and Stripe has told us."""
        if self.card_expiry_date is None:
            return None
        return Card(self.card_brand, self.card_last4, self.card_expiry_date)

    @card.setter
    def card(self, card: Card | None) -> None:
        self.card_brand, self.card_last4 = (card.brand, card.last4) if card else ("", "")
        self.card_expiry_date = card.expiry_date if card else None

    @property
    def has_card(self) -> bool:
        """Whether there is a card to charge."""
        return self.card_expiry_date is not None

    @property
    def is_running(self) -> bool:
        """Whether it is charged again and again, or is tried to be."""
        return self.status in RUNNING and self.ends_at is None

    @property
    def is_over(self) -> bool:
        """Whether Stripe has ended it for good."""
        return self.status in OVER

    @property
    def state(self) -> State:
        """What `access.weigh` decides by."""
        return State(**{each.name: getattr(self, each.name) for each in fields(State)})


class GrantQuerySet(models.QuerySet["Grant"]):
    """Grants by whether they hold."""

    def current(self, now: datetime | None = None) -> Self:
        """Grants that hold now."""
        now = now or timezone.now()
        return self.filter(begins_at__lte=now).filter(models.Q(until__isnull=True) | models.Q(until__gt=now))


class Grant(models.Model):
    """Access given by one of us: to whom, by whom, why and until when."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="grants", verbose_name="reader")
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="grants_given"
    )
    reason = models.CharField(max_length=255, help_text="For colleagues: review copy, prize, apology, partner …")
    begins_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True, help_text="Empty means for good.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar = GrantQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gt=models.F("begins_at")),
                name="a_grant_ends_after_it_begins",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="a_grant_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.reason}"


class NoticeKind(models.TextChoices):
    """Letters we write to readers about their subscription."""

    WELCOME = "welcome", "Welcome"
    RECEIPT = "receipt", "Receipt"
    RENEWAL = "renewal", "It renews soon"
    TRIAL_ENDING = "trial_ending", "A trial ends soon"
    PAYMENT_FAILED = "payment_failed", "A payment failed"
    BANK_ASKS = "bank_asks", "The bank asks for confirmation"
    CARD_EXPIRING = "card_expiring", "A card expires"
    ON_HOLD = "on_hold", "Reading is on hold"
    ENDING = "ending", "It will end"
    KEPT = "kept", "It goes on"
    ENDED = "ended", "It has ended"


class Notice(models.Model):
    """A letter to a reader that hangs on one change of one subscription, so that it is written once."""

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=20, choices=NoticeKind)
    occasion = models.CharField(
        max_length=255, blank=True, help_text="Which failed invoice, which end: what makes it another occasion."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    taken_at = models.DateTimeField(null=True, blank=True, help_text="When a worker last took it to send it.")
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "kind", "occasion"], name="a_reader_is_told_once_on_an_occasion"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.subscription}"
