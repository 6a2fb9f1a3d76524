"""The account of a person: an e-mail address is its name."""

import secrets
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone


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
