"""What a reader chooses before paying: one of our prices by its number, never an amount."""

from django import forms

from kjreport.payments.return_paths import clean_return_path
from subscriptions.models import Price


class StartForm(forms.Form):
    """The hidden fields behind “Continue to payment”."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    price = forms.ModelChoiceField(Price.objects.none(), widget=forms.HiddenInput)
    return_to = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # passed on
        self.fields["price"].queryset = Price.objects.on_offer()  # type: ignore[attr-defined] # a ModelChoiceField

    def clean_return_to(self) -> str:
        """Go back to a page of ours or to none."""
        return clean_return_path(self.cleaned_data["return_to"])


class PortalForm(forms.Form):
    """What a reader wants to do with their subscription."""

    wish = forms.ChoiceField(choices=[(wish, wish) for wish in ("manage", "card", "cancel", "keep", "resume")])
    subscription = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
