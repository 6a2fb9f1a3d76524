"""Our readers as Stripe's customers: made once, linked by id, locked before anything is fetched."""

import contextlib
import logging
import math
import uuid
from collections.abc import Iterator

from django.db import DatabaseError, OperationalError, connection, transaction
from django.utils import timezone

from kjreport.accounts.models import User
from kjreport.payments import deadlines
from kjreport.payments import stripe_gateway as gateway
from kjreport.payments.models import CheckoutAttempt, Customer, StripeEvent

logger = logging.getLogger(__name__)

_LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL's word for it


def ensure_customer(user: User) -> Customer:
    """Return the reader's customer with its Stripe id, making it if need be. No lock is held while Stripe is asked.

    Raises:
        GatewayError: Stripe did not make it; asking again is safe.
    """
    customer, _ = Customer.objects.get_or_create(user=user, defaults={"email": user.email})
    if customer.deleted_at is not None:
        _forget_deleted(customer)
    if customer.stripe_id is None:
        made = _create(customer, user)
        Customer.objects.filter(pk=customer.pk, stripe_id__isnull=True).update(stripe_id=made)
        customer.refresh_from_db()
    return customer


def _forget_deleted(customer: Customer) -> None:
    """Let somebody whom Stripe has deleted begin anew there; their ledger stays with them here."""
    stale = Customer.objects.filter(pk=customer.pk, stripe_id=customer.stripe_id)
    stale.update(stripe_id=None, key=uuid.uuid4(), deleted_at=None)
    customer.refresh_from_db()


def _create(customer: Customer, user: User) -> str:
    try:
        return gateway.create_customer(key=str(customer.key), email=customer.email, user_id=str(user.pk))
    except gateway.GatewayError as error:
        if error.key_is_spent:
            Customer.objects.filter(pk=customer.pk, stripe_id__isnull=True).update(key=uuid.uuid4())
        raise


def adopt_guest(stripe_id: str, *, email: str) -> Customer:
    """Keep a customer whom Checkout made for a giver without an account. Never matched to an account by e-mail."""
    customer, _ = Customer.objects.get_or_create(stripe_id=stripe_id, defaults={"email": email})
    return customer


def find_patience() -> float:
    """Return how many seconds Stripe may be asked under a lock.

    SQLite has one write lock for the whole site, and everybody else waits for it twenty seconds at most.
    """
    return 12 if connection.vendor == "sqlite" else 60


def lock_customer(stripe_id: str, *, waits: bool = True) -> Customer:
    """Lock the customer's row until the transaction ends; do this before fetching.

    On SQLite the transaction is immediate and holds the only write lock already.

    Raises:
        Customer.DoesNotExist: it is no customer of ours.
        OperationalError: somebody else has the lock, and `waits` is false.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A customer is locked inside a transaction.")
    return Customer.objects.select_for_update(nowait=not waits).get(stripe_id=stripe_id)


@contextlib.contextmanager
def for_a_page(seconds: float) -> Iterator[None]:
    """Do as the gateway's own `for_a_page`, and wait no longer for a lock while Stripe keeps its holder waiting.

    Raises:
        GatewayUnavailable: also when the lock was not to be had in time.
    """
    with gateway.for_a_page(seconds), _waiting_for_locks(math.ceil(deadlines.time_left() * 1000)):
        try:
            yield
        except OperationalError as error:
            if not _is_about_a_lock(error):
                raise
            raise gateway.GatewayUnavailable("Somebody else looks at the same thing already.") from error


@contextlib.contextmanager
def _waiting_for_locks(milliseconds: int) -> Iterator[None]:
    if connection.vendor == "sqlite":
        with _waiting_to_write(milliseconds):
            yield
        return
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        yield
        return
    _do(f"SET lock_timeout = {milliseconds:d}")
    try:
        yield
    finally:
        with contextlib.suppress(DatabaseError):  # a connection that is gone is not put right
            _do("SET lock_timeout = DEFAULT")


def _is_about_a_lock(error: OperationalError) -> bool:
    cause = error.__cause__
    return getattr(cause, "sqlstate", "") == _LOCK_NOT_AVAILABLE or "database is locked" in str(cause)


def _do(words: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(words)


@contextlib.contextmanager
def not_waiting_to_write() -> Iterator[None]:
    """Have a transaction that begins inside fail at once where SQLite's one write lock is taken."""
    if connection.vendor != "sqlite":
        yield
        return
    with _waiting_to_write(0):
        yield


@contextlib.contextmanager
def _waiting_to_write(milliseconds: int) -> Iterator[None]:
    with connection.cursor() as cursor:
        [usual] = cursor.execute("PRAGMA busy_timeout").fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {min(milliseconds, int(usual)):d}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA busy_timeout = {int(usual)}")


def is_known(stripe_id: str) -> bool:
    """Whether this is a customer of ours. One query."""
    return bool(stripe_id) and Customer.objects.filter(stripe_id=stripe_id).exists()


def refresh(stripe_id: str) -> bool:
    """Copy the billing e-mail from Stripe; return whether this is a customer of ours."""
    with transaction.atomic():
        customer = Customer.objects.select_for_update().filter(stripe_id=stripe_id).first()
        if customer is None:
            return False
        found = gateway.find_customer(stripe_id)
        if found is None:
            mark_deleted(customer)
        elif found.email != customer.email and customer.erased_at is None:
            customer.email = found.email
            customer.save(update_fields=["email"])
    return True


def erase(user: User) -> None:
    """Take a person out of their customer record; Stripe is asked to forget them as soon as it can be.

    The ledger keeps its entries, and letters about them lose their contents. Call it in a transaction.
    """
    customer = Customer.objects.filter(user=user).first()
    CheckoutAttempt.objects.filter(user=user).update(user=None, choice={}, return_to="")
    if customer is not None:
        CheckoutAttempt.objects.filter(customer=customer).update(choice={}, return_to="")
        Customer.objects.filter(pk=customer.pk).update(user=None, email="", erased_at=timezone.now())
        StripeEvent.objects.of_erased().update(payload=None)


def forget_erased() -> int:
    """Have Stripe delete those who closed their account, which ends whatever still runs; return how many it did.

    What cannot be done now is tried again at the next sweep.
    """
    waiting = Customer.objects.filter(erased_at__isnull=False, deleted_at=None, stripe_id__isnull=False)
    done = 0
    for customer in waiting.order_by("erased_at")[:100]:
        try:
            gateway.delete_customer(customer.stripe_id or "")
        except gateway.GatewayError as error:
            logger.warning("Stripe has not yet deleted customer %s: %s", customer.pk, error)
            continue
        mark_deleted(customer)
        done += 1
    return done


def mark_synced(customer: Customer) -> None:
    """Note that everything of theirs was just fetched."""
    customer.synced_at = timezone.now()
    customer.save(update_fields=["synced_at"])


def mark_deleted(customer: Customer) -> None:
    """Note that Stripe no longer has this customer."""
    if customer.deleted_at is None:
        customer.deleted_at = customer.synced_at = timezone.now()
        customer.save(update_fields=["deleted_at", "synced_at"])
