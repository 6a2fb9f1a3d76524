"""Allauth's forms in our words, and the few of our own."""

from typing import Any

from allauth.account import forms as account_forms
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.base import forms as second_step_forms
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as passkey_forms
from django import forms

from kjreport.accounts.models import ReaderToken, User

PASSWORD_HELP = "At least ten characters. A few words that do not belong together make a good one."  # noqa: S105 - advice
LABELS = {
    "email": "E-mail address",
    "login": "E-mail address",
    "oldpassword": "Present password",
    "password": "Password",
    "password1": "New password",
    "password2": "New password, once more",
    "code": "Code",
    "name": "Name",
}


class OurWords:
    """Labels of ours above the fields, and no second label inside them."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as each form takes them
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = LABELS.get(name, field.label)
            if name == "password1":
                field.help_text = PASSWORD_HELP
            elif name in {"password", "oldpassword"}:
                field.help_text = ""
            elif name == "code":
                field.widget.attrs |= {"inputmode": "numeric", "spellcheck": "false", "maxlength": "12"}
            elif name in {"email", "login"}:
                field.widget.attrs |= {"inputmode": "email", "maxlength": "254", "spellcheck": "false"}


class SignInForm(OurWords, account_forms.LoginForm):  # type: ignore[misc] # allauth ships no types
    """An address, and a password for those who have one: without it a code is sent."""

    def _setup_password_field(self) -> None:
        self.fields["password"].required = False


class RequestCodeForm(OurWords, account_forms.RequestLoginCodeForm):  # type: ignore[misc] # allauth ships no types
    """An address to send a code to."""


class SignUpForm(OurWords, account_forms.SignupForm):  # type: ignore[misc] # allauth ships no types
    """An address; everything else can wait."""


class ConfirmSignInForm(OurWords, account_forms.ConfirmLoginCodeForm):  # type: ignore[misc] # allauth ships no types
    """The code that signs in."""


class ConfirmAddressForm(OurWords, account_forms.ConfirmEmailVerificationCodeForm):  # type: ignore[misc] # as above
    """The code that proves an address."""


class ConfirmResetForm(OurWords, account_forms.ConfirmPasswordResetCodeForm):  # type: ignore[misc] # as above
    """The code that lets a new password be chosen."""


class ChangeAddressForm(OurWords, account_forms.AddEmailForm):  # type: ignore[misc] # allauth ships no types
    """A new address."""


class ChangePasswordForm(OurWords, account_forms.ChangePasswordForm):  # type: ignore[misc] # allauth ships no types
    """The present password and a new one."""


class SetPasswordForm(OurWords, account_forms.SetPasswordForm):  # type: ignore[misc] # allauth ships no types
    """A first password."""


class NewPasswordForm(OurWords, account_forms.ResetPasswordKeyForm):  # type: ignore[misc] # allauth ships no types
    """A password in place of a forgotten one."""


class ResetPasswordForm(OurWords, account_forms.ResetPasswordForm):  # type: ignore[misc] # allauth ships no types
    """The address of somebody who forgot."""


class ProveByPasswordForm(OurWords, account_forms.ReauthenticateForm):  # type: ignore[misc] # allauth ships no types
    """The password once more."""


class SecondStepForm(OurWords, second_step_forms.AuthenticateForm):  # type: ignore[misc] # allauth ships no types
    """A code of the authenticator app, or a spare one."""


class ProveByAppForm(OurWords, second_step_forms.ReauthenticateForm):  # type: ignore[misc] # allauth ships no types
    """A code of the authenticator app once more."""


class ActivateAppForm(OurWords, totp_forms.ActivateTOTPForm):  # type: ignore[misc] # allauth ships no types
    """The first code of an authenticator app."""


class AddPasskeyForm(OurWords, passkey_forms.AddWebAuthnForm):  # type: ignore[misc] # allauth ships no types
    """A new passkey; ours always sign in alone, so the device must check who holds it."""

    passwordless = forms.BooleanField(widget=forms.HiddenInput, initial=True)


class RenamePasskeyForm(OurWords, passkey_forms.EditWebAuthnForm):  # type: ignore[misc] # allauth ships no types
    """Another name for a passkey."""


class ProveByCodeForm(forms.Form):
    """The code that shows it is still the reader who sits there."""

    code = forms.CharField(
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, expected: str, **kwargs: Any) -> None:  # noqa: ANN401 - as forms take them
        super().__init__(*args, **kwargs)
        self._expected = expected

    def clean_code(self) -> str:
        """Compare in constant time, with or without the dash."""
        code: str = self.cleaned_data["code"]
        if not compare_user_code(actual=code, expected=self._expected):
            raise forms.ValidationError("That is not the code we sent. Check the newest letter and try again.")
        return code


class PreferencesForm(forms.ModelForm[User]):
    """How we address them, and what we may send. Nothing is ticked for anyone."""

    class Meta:
        model = User
        fields = ["name", "wants_new_analyses", "wants_news_of_the_paper"]
        labels = {
            "wants_new_analyses": "New analyses",
            "wants_news_of_the_paper": "News of the paper",
        }
        help_texts = {
            "name": "As we should address you. It is shown to nobody else.",
            "wants_new_analyses": "Each new piece, on the day it appears.",
            "wants_news_of_the_paper": "A few times a year: what we are planning, and how it is going.",
        }
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}


class ReaderTokenForm(forms.ModelForm[ReaderToken]):
    """What a token will be used for, in the reader's own words."""

    class Meta:
        model = ReaderToken
        fields = ["name"]
        labels = {"name": "What is it for?"}
        help_texts = {"name": "A name you will know again, such as “Reading app on my tablet”."}


class DeleteAccountForm(forms.Form):
    """The one tick that nobody sets by accident."""

    understood = forms.BooleanField(label="I understand that this cannot be undone.")
