"""Takes the person out of an account and leaves the row, so that the ledger keeps its entries without them."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction

from kjreport.accounts.models import User, make_session_nonce


def erase_person(user: User) -> None:
    """Forget name, address, password, passkeys and tokens, end every session and close the account for good."""
    with transaction.atomic():
        EmailAddress.objects.filter(user=user).delete()
        Authenticator.objects.filter(user=user).delete()
        user.reader_tokens.all().delete()
        user.groups.clear()
        user.user_permissions.clear()
        user.email = f"erased-{user.pk}@erased.invalid"
        user.name = ""
        user.set_unusable_password()
        user.session_nonce = make_session_nonce()
        user.is_active = user.is_staff = user.is_superuser = False
        user.wants_new_analyses = user.wants_news_of_the_paper = False
        user.save()
