"""The form one gives with."""

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from donations.amounts import check_amount, read_amount
from donations.giving import Gift
from donations.models import Campaign

LONGEST_NOTE = 1000


class GiftForm(forms.Form):
    """An amount, how often, and what the giver wants to say. Nothing is ticked beforehand."""

    key = forms.UUIDField(widget=forms.HiddenInput, error_messages={"invalid": "Please load the page again."})
    rhythm = forms.ChoiceField(
        label="How often", choices=[("once", "Once"), ("monthly", "Every month")], widget=forms.RadioSelect
    )
    choice = forms.ChoiceField(label="How much", widget=forms.RadioSelect, required=False)
    own_amount = forms.CharField(
        label="Another amount, in pounds",
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    name = forms.CharField(
        label="Your name",
        max_length=120,
        required=False,
        help_text="If you would like us to know it.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    is_anonymous = forms.BooleanField(label="Never name me in public", required=False)
    note = forms.CharField(
        label="A note to us",
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:  # noqa: ANN401 - as upstream
        super().__init__(*args, **kwargs)
        self.campaign = campaign
        choices = [(str(money.amount), money.display) for money in campaign.suggestions]
        self.fields["choice"].choices = choices  # type: ignore[attr-defined]
        self.fields["choice"].error_messages["invalid_choice"] = "Choose an amount, or give your own."

    @classmethod
    def blank(cls, *, campaign: Campaign, asked: str = "", rhythm: str = "once", name: str = "") -> "GiftForm":
        """Return an empty form, its key fresh, with an amount chosen that a link asked for (in pence)."""
        offered = {str(amount) for amount in campaign.suggested_amounts}
        initial = {"key": uuid.uuid4(), "rhythm": rhythm if rhythm == "monthly" else "once", "name": name}
        if asked in offered:
            initial["choice"] = asked
        return cls(initial=initial, campaign=campaign)

    def clean(self) -> dict[str, Any]:
        """Find the amount: one's own when typed, else the one chosen."""
        cleaned = super().clean() or {}
        chosen, typed = cleaned.get("choice") or "", cleaned.get("own_amount") or ""
        try:
            if typed:
                cleaned["money"] = read_amount(typed)
            elif chosen:
                cleaned["money"] = check_amount(int(chosen))
            elif "choice" not in self.errors:
                self.add_error("choice", "Choose an amount, or give your own.")
        except ValidationError as error:
            self.add_error("own_amount" if typed else "choice", error)
        return cleaned

    @property
    def gift(self) -> Gift:
        """What they want to give, once the form is valid."""
        said = self.cleaned_data
        return Gift(
            campaign=self.campaign,
            money=said["money"],
            is_monthly=said["rhythm"] == "monthly",
            name=said["name"],
            is_anonymous=said["is_anonymous"],
            note=said["note"],
        )
