"""What people give for, what they promise each month, and what has come."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from kjreport.payments.models import Customer, Payment
from kjreport.payments.money import Money


class CampaignQuerySet(models.QuerySet["Campaign"]):
    """Campaigns by whether they take gifts."""

    def open(self) -> Self:
        """Campaigns one can give to, the first one leading."""
        return self.filter(is_open=True).order_by("position", "pk")


class Campaign(models.Model):
    """What gifts are for. The first open one is what `/donate/` asks for."""

    slug = models.SlugField(unique=True, help_text="Part of Stripe's id of it; do not change it once gifts have come.")
    name = models.CharField(max_length=80)
    description = models.TextField(blank=True, help_text="What the money makes possible, in two or three sentences.")
    suggested_amounts = models.JSONField(default=list, help_text="In pence, for example [500, 1000, 2500, 5000].")
    currency = models.CharField(max_length=3, default="gbp")
    is_open = models.BooleanField("takes gifts", default=True)
    position = models.PositiveSmallIntegerField(default=0, help_text="The lowest one leads.")
    stripe_product_id = models.CharField(max_length=255, unique=True, null=True, blank=True, editable=False)

    objects: ClassVar = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(currency=Lower("currency")), name="a_campaign_currency_is_in_small_letters"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def suggestions(self) -> list[Money]:
        """The suggested amounts."""
        return [Money(amount, self.currency) for amount in self.suggested_amounts]


class Giver(models.Model):
    """What a giver told us with a gift or a promise."""

    name = models.CharField(max_length=120, blank=True, help_text="As they wish to be thanked.")
    is_anonymous = models.BooleanField(default=False, help_text="Never name them in public.")
    note = models.TextField(blank=True, help_text="What they wrote to us.")

    class Meta:
        abstract = True

    @property
    def public_name(self) -> str:
        """How we may speak of them."""
        return "Anonymous" if self.is_anonymous or not self.name else self.name


class Pledge(Giver):
    """A promise to give every month, mirrored from Stripe, where the truth is. Written by `giving` only."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="pledges")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="pledges")
    stripe_id = models.CharField(max_length=255, unique=True)
    status = models.CharField(max_length=40, help_text="Stripe's own word; new words may come.")
    amount = models.PositiveIntegerField(help_text="In minor units (pence), each month.")
    currency = models.CharField(max_length=3)
    started_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True, help_text="When it is set to end.")
    ended_at = models.DateTimeField(null=True, blank=True)
    next_gift_at = models.DateTimeField(null=True, blank=True)
    synced_at = models.DateTimeField()

    class Meta:
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="a_pledge_is_more_than_nothing"),
        ]

    def __str__(self) -> str:
        return f"{self.money.display} a month, {self.status}"

    @property
    def money(self) -> Money:
        """What is given each month."""
        return Money(self.amount, self.currency)

    @property
    def is_over(self) -> bool:
        """Whether no further gift will come of it."""
        return self.ended_at is not None or self.status in {"canceled", "incomplete_expired"}


class Donation(Giver):
    """Money received: always one ledger entry, once by itself or of a pledge."""

    payment = models.OneToOneField(Payment, models.PROTECT, related_name="donation")
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="donations")
    pledge = models.ForeignKey(Pledge, models.PROTECT, null=True, blank=True, related_name="donations")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="donations",
        verbose_name="account",
    )
    email = models.EmailField(blank=True, help_text="Where the receipt went.")
    receipt_taken_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When a worker took it up."
    )
    receipt_sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-payment__occurred_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.payment.money.display} from {self.public_name}"
