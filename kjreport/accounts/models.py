"""The account of a person, named by an e-mail address, and the tokens it lends to programs."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

TOKEN_PREFIX = "kjr_"  # noqa: S105 - lets scanners of leaked secrets know ours
TOKEN_USE_NOTED_EVERY = timedelta(hours=1)


def make_session_nonce() -> str:
    """Return a fresh nonce of 32 hexadecimal characters."""
    return secrets.token_hex(16)


class UserManager(BaseUserManager["User"]):
    """Makes accounts."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":  # noqa: ANN401 - model fields
        """Make an account; without a password it signs in by code or passkey.

        Raises:
            ValueError: no e-mail address was given.
        """
        if not email:
            raise ValueError("An account needs an e-mail address.")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":  # noqa: ANN401 - model fields
        """Make an account that may do everything, the owner's."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find an account by its address, however it was typed."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person's account."""

    email = models.EmailField("e-mail address", max_length=254, unique=True)
    name = models.CharField(max_length=120, blank=True, help_text="As colleagues and we should address you.")
    is_staff = models.BooleanField("works here", default=False, help_text="May sign in to the newsroom.")
    is_active = models.BooleanField(
        "may sign in", default=True, help_text="Untick rather than delete, so that their work and payments stay."
    )
    date_joined = models.DateTimeField(default=timezone.now)
    session_nonce = models.CharField(
        max_length=32, default=make_session_nonce, editable=False, help_text="Changing it ends every session."
    )
    wants_new_analyses = models.BooleanField(default=False, help_text="New analyses by e-mail.")
    wants_news_of_the_paper = models.BooleanField(default=False, help_text="Now and then, news of the paper itself.")

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = "account"
        constraints = [
            models.UniqueConstraint(Lower("email"), name="an_address_has_one_account"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def display_name(self) -> str:
        """The name they gave, or what stands before the @."""
        return self.name or self.email.partition("@")[0]

    def get_session_auth_hash(self) -> str:
        """Tie every session to the nonce too, so that all can be ended at once."""
        return super().get_session_auth_hash() + self.session_nonce

    def get_session_auth_fallback_hash(self) -> Any:  # noqa: ANN401 - a generator of hashes, untyped upstream
        """Likewise for sessions signed with an older secret key."""
        for fallback in super().get_session_auth_fallback_hash():
            yield fallback + self.session_nonce

    def sign_out_everywhere(self) -> Self:
        """End every session of this account, this one too. One query."""
        self.session_nonce = make_session_nonce()
        self.save(update_fields=["session_nonce"])
        return self


class ReaderTokenQuerySet(models.QuerySet["ReaderToken"]):
    """A reader's tokens."""

    def active(self) -> Self:
        """Those not revoked."""
        return self.filter(revoked_at__isnull=True)


class ReaderTokenManager(models.Manager.from_queryset(ReaderTokenQuerySet)):  # type: ignore[misc] # made at run time
    """Makes tokens, and tells whose a token is."""

    def make(self, user: User, *, name: str) -> tuple["ReaderToken", str]:
        """Make a token; its secret is returned once and kept nowhere."""
        raw = TOKEN_PREFIX + secrets.token_urlsafe(32)
        return self.create(user=user, name=name, digest=make_digest(raw)), raw

    def find_reader(self, raw: str) -> User | None:
        """Tell whose token it is, if it still opens anything. One query, and a write at most once an hour."""
        if not raw.startswith(TOKEN_PREFIX):
            return None
        token = self.active().select_related("user").filter(digest=make_digest(raw), user__is_active=True).first()
        if token is None:
            return None
        token.note_use()
        user: User = token.user
        return user


class ReaderToken(models.Model):
    """A key by which a reader's own program may read what they may read. Only its digest is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="reader_tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="To the hour.")
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[ReaderTokenManager] = ReaderTokenManager()

    class Meta:
        verbose_name = "reader's token"
        verbose_name_plural = "readers' tokens"
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.name

    def note_use(self) -> None:
        """Remember that it was used, without a write for every request."""
        now = timezone.now()
        if self.last_used_at is None or now - self.last_used_at > TOKEN_USE_NOTED_EVERY:
            self.last_used_at = now
            self.save(update_fields=["last_used_at"])

    def revoke(self) -> None:
        """Let it open nothing from now on."""
        if self.revoked_at is None:
            self.revoked_at = timezone.now()
            self.save(update_fields=["revoked_at"])


def make_digest(raw: str) -> str:
    """Return what is kept of a token. It is long and random, so a plain hash is enough."""
    return hashlib.sha256(raw.encode()).hexdigest()
