"""What we keep of payments: customers, attempts to pay, the ledger, and Stripe's letters."""

import uuid
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from kjreport.payments.money import Money


class Customer(models.Model):
    """One person or household as Stripe knows them. Linked by id, never by e-mail address."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="customer",
        help_text="Empty for a giver without an account, and once an account is erased.",
    )
    key = models.UUIDField(
        default=uuid.uuid4, unique=True, editable=False, help_text="Makes its creation at Stripe safe to repeat."
    )
    stripe_id = models.CharField(max_length=255, unique=True, null=True, blank=True)
    email = models.EmailField(
        "billing e-mail", blank=True, help_text="Where Stripe writes to; not the sign-in address."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    synced_at = models.DateTimeField(
        null=True, blank=True, help_text="When we last asked Stripe about everything of theirs."
    )
    deleted_at = models.DateTimeField(null=True, blank=True, help_text="When we learnt that Stripe no longer has them.")
    erased_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="When they closed their account; Stripe is asked to delete them until it has.",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(stripe_id__isnull=True) | ~models.Q(stripe_id=""),
                name="a_customer_has_a_stripe_id_or_none_yet",
            ),
        ]

    def __str__(self) -> str:
        return self.email or self.stripe_id or f"Customer {self.pk}"


class Kind(models.TextChoices):
    """What an attempt to pay is for."""

    SUBSCRIPTION = "subscription", "Subscription"
    GIFT = "gift", "Gift, once"
    PLEDGE = "pledge", "Gift, monthly"


class AttemptState(models.TextChoices):
    """Where an attempt to pay stands."""

    STARTED = "started", "Being opened"
    OPEN = "open", "Open at Stripe"
    COMPLETED = "completed", "Completed"
    EXPIRED = "expired", "Expired or replaced"
    FAILED = "failed", "Could not be opened"


class CheckoutAttempt(models.Model):
    """One press of “Subscribe” or “Give”, from our form to Stripe's page and back."""

    key = models.UUIDField(unique=True, help_text="From the form, so that pressing twice is one attempt.")
    kind = models.CharField(max_length=12, choices=Kind)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="checkout_attempts"
    )
    customer = models.ForeignKey(Customer, models.SET_NULL, null=True, blank=True, related_name="checkout_attempts")
    choice = models.JSONField(default=dict, help_text="What was chosen, in our own words: a price, an amount.")
    return_to = models.CharField(max_length=512, blank=True, help_text="The page of ours they came from.")
    state = models.CharField(max_length=12, choices=AttemptState, default=AttemptState.STARTED)
    tries = models.PositiveSmallIntegerField(default=1, help_text="How often we asked Stripe to open it.")
    stripe_session_id = models.CharField(max_length=255, unique=True, null=True, blank=True)
    reason = models.CharField(max_length=255, blank=True, help_text="Why it failed or was replaced.")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(
        default=timezone.now, help_text="When the present try began; its session's end is reckoned from it."
    )
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind"],
                condition=models.Q(state__in=["started", "open"]),
                name="a_reader_has_one_open_attempt_of_a_kind",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["open", "completed"]) | models.Q(stripe_session_id__isnull=False),
                name="an_open_attempt_has_a_session",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["started", "open"]) | models.Q(finished_at__isnull=False),
                name="a_finished_attempt_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} attempt {self.key}"

    @property
    def is_unfinished(self) -> bool:
        """Whether it may still be paid."""
        return self.state in {AttemptState.STARTED, AttemptState.OPEN}

    @property
    def idempotency_key(self) -> str:
        """What Stripe recognises a repeated request by. A failed try gets a new one, for Stripe keeps failures too."""
        return f"checkout-{self.key}-{self.tries}"

    @property
    def expires_at(self) -> datetime:
        """When Stripe closes the session. Stripe wants at least 30 minutes by its own clock, hence two spare."""
        lifetime: timedelta = settings.CHECKOUT_LIFETIME
        return self.started_at.replace(microsecond=0) + lifetime + timedelta(minutes=2)


class Purpose(models.TextChoices):
    """What money was for."""

    SUBSCRIPTION = "subscription", "Subscription"
    DONATION = "donation", "Donation"


class EntryKind(models.TextChoices):
    """What moved the money."""

    PAYMENT = "payment", "Payment"
    OUTSIDE = "outside", "Payment outside Stripe"
    REFUND = "refund", "Refund"
    REFUND_FAILED = "refund_failed", "Refund that failed"
    DISPUTE = "dispute", "Dispute"
    DISPUTE_WON = "dispute_won", "Dispute won"


class PaymentQuerySet(models.QuerySet["Payment"]):
    """The ledger in the publisher's words."""

    def received(self) -> Self:
        """Money that came in through Stripe, before any of it went back."""
        return self.filter(kind=EntryKind.PAYMENT)

    def settling(self) -> Self:
        """Entries that settle an invoice: money received through Stripe, or marked there as paid another way."""
        return self.filter(kind__in=[EntryKind.PAYMENT, EntryKind.OUTSIDE])

    def through_stripe(self) -> Self:
        """Entries whose money Stripe has moved, as its own balance tells of it."""
        return self.exclude(kind=EntryKind.OUTSIDE)

    def total(self, currency: str) -> Money:
        """What remains after all that went back, whichever way it came. One query."""
        summed = self.filter(currency=currency).aggregate(total=models.Sum("amount"))["total"]
        return Money(summed or 0, currency)


class Payment(models.Model):
    """A ledger entry: every amount received or returned. Written once; what follows is another entry."""

    stripe_id = models.CharField(
        max_length=255, unique=True, help_text="Stripe's id of the movement, so that it is entered once."
    )
    kind = models.CharField(max_length=16, choices=EntryKind)
    purpose = models.CharField(max_length=16, choices=Purpose)
    amount = models.BigIntegerField(help_text="In minor units (pence); what goes back is negative.")
    currency = models.CharField(max_length=3)
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="payments")
    of = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="later_entries",
        help_text="The payment this gives back.",
    )
    payment_intent_id = models.CharField(
        max_length=255, blank=True, db_index=True, help_text="Stripe's id of the payment it belongs to."
    )
    invoice_id = models.CharField(max_length=255, blank=True, db_index=True)
    description = models.CharField(max_length=255, blank=True)
    occurred_at = models.DateTimeField(db_index=True)
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar = PaymentQuerySet.as_manager()

    class Meta:
        ordering = ["-occurred_at", "-pk"]
        permissions = [("refund_payment", "Can give a payment back")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["payment", "outside", "refund_failed", "dispute_won"], amount__gt=0)
                | models.Q(kind__in=["refund", "dispute"], amount__lt=0),
                name="money_received_is_positive_and_returned_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["payment", "outside"], of__isnull=True)
                | (~models.Q(kind__in=["payment", "outside"]) & models.Q(of__isnull=False)),
                name="what_goes_back_belongs_to_a_payment",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="outside", payment_intent_id="")
                | (~models.Q(kind="outside") & ~models.Q(payment_intent_id="")),
                name="only_money_from_outside_has_no_payment_at_stripe",
            ),
            models.CheckConstraint(
                condition=models.Q(currency=Lower("currency")), name="a_currency_is_in_small_letters"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.money.display}"

    @property
    def money(self) -> Money:
        """The signed amount."""
        return Money(self.amount, self.currency)


class RefundOrder(models.Model):
    """A colleague's order to give a payment back: kept before Stripe is asked, so that it is done once."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refund_orders")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    tries = models.PositiveSmallIntegerField(default=1, help_text="How often Stripe's answer made another key needful.")
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="refunds_ordered"
    )
    ordered_at = models.DateTimeField(auto_now_add=True)
    subscription_id = models.CharField(
        "subscription to cancel", max_length=255, blank=True, help_text="Stripe's id of what is cancelled as well."
    )
    refunded_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True, help_text="Why Stripe refused.")

    class Meta:
        ordering = ["-ordered_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["payment"],
                condition=models.Q(finished_at__isnull=True),
                name="a_payment_has_one_open_refund_order",
            ),
        ]

    def __str__(self) -> str:
        return f"Refund of {self.payment}"

    @property
    def idempotency_key(self) -> str:
        """What Stripe recognises a repeated request by; a spent key is followed by another."""
        return f"{self.key}-{self.tries}"


class StripeEventQuerySet(models.QuerySet["StripeEvent"]):
    """Letters by what became of them."""

    def unprocessed(self) -> Self:
        """Letters whose effect has not been taken in yet, whatever the reason."""
        return self.filter(processed_at__isnull=True, ignored_at__isnull=True)

    def due(self, now: datetime) -> Self:
        """Unprocessed letters whose next attempt has come, oldest first."""
        return self.unprocessed().filter(next_attempt_at__lte=now).order_by("next_attempt_at", "pk")

    def of_erased(self) -> Self:
        """Finished letters about people who closed their account, whose contents are still here."""
        erased = Customer.objects.filter(erased_at__isnull=False, stripe_id__isnull=False).values("stripe_id")
        finished = models.Q(processed_at__isnull=False) | models.Q(ignored_at__isnull=False)
        return self.filter(finished, customer_id__in=erased, payload__isnull=False)

    def damaged(self) -> Self:
        """Letters given up on; a person must look."""
        return self.unprocessed().filter(next_attempt_at__isnull=True)


class StripeEvent(models.Model):
    """A letter from Stripe, kept once by its id. It says where to look, never what is so."""

    stripe_id = models.CharField(max_length=255, unique=True)
    type = models.CharField(max_length=120, db_index=True)
    api_version = models.CharField(max_length=64, blank=True)
    livemode = models.BooleanField()
    object_id = models.CharField(max_length=255, blank=True, db_index=True, help_text="What the letter is about.")
    customer_id = models.CharField(
        max_length=255, blank=True, db_index=True, help_text="Stripe's id of whom it is about."
    )
    payload = models.JSONField(null=True, blank=True, help_text="The letter itself; removed after 90 days.")
    occurred_at = models.DateTimeField(help_text="When Stripe wrote it.")
    received_at = models.DateTimeField(auto_now_add=True)
    processed_at = models.DateTimeField(null=True, blank=True)
    ignored_at = models.DateTimeField(null=True, blank=True)
    ignored_reason = models.CharField(max_length=255, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)
    next_attempt_at = models.DateTimeField(null=True, blank=True, db_index=True)

    objects: ClassVar = StripeEventQuerySet.as_manager()

    class Meta:
        verbose_name = "letter from Stripe"
        verbose_name_plural = "letters from Stripe"
        ordering = ["-occurred_at", "-pk"]
        permissions = [("process_stripeevent", "Can have a letter from Stripe processed again")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(processed_at__isnull=True) | models.Q(ignored_at__isnull=True),
                name="a_letter_is_processed_or_ignored_not_both",
            ),
            models.CheckConstraint(
                condition=models.Q(next_attempt_at__isnull=True)
                | models.Q(processed_at__isnull=True, ignored_at__isnull=True),
                name="a_finished_letter_has_no_next_attempt",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} ({self.stripe_id})"

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will be done with it."""
        return self.processed_at is not None or self.ignored_at is not None

    @property
    def thing(self) -> dict[str, Any]:
        """The object the letter carries, or nothing once its payload is removed."""
        return ((self.payload or {}).get("data") or {}).get("object") or {}


class Watermark(models.Model):
    """How far the reconciler has read: Stripe's own list of letters, or everything there is."""

    name = models.CharField(max_length=40, unique=True)
    read_until = models.DateTimeField()
    found = models.PositiveIntegerField(default=0, help_text="How much was out of step.")

    def __str__(self) -> str:
        return f"{self.name} until {self.read_until:%d %B %Y, %H:%M}"
