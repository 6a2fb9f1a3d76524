"""Pages that join wings: my account, what it holds of me, and leaving."""

import json
from typing import Any, cast

from allauth.core.internal import ratelimit
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from articles import unsaved
from donations import account as giving
from kjreport.accounts import belongings
from kjreport.accounts.erasure import erase_person
from kjreport.accounts.forms import DeleteAccountForm, PreferencesForm
from kjreport.accounts.models import User
from kjreport.accounts.proof import proof_required
from kjreport.payments import customers
from kjreport.payments.models import Payment
from subscriptions import account as subscribing
from subscriptions.models import Grant, Subscription


@login_required
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """Show a reader their subscription, gifts, letters, ways to sign in and data."""
    user = cast("User", request.user)
    context = {
        "preferences": PreferencesForm(instance=user),
        "passkeys": [way.wrap() for way in _find_ways(user, Authenticator.Type.WEBAUTHN)],
        "has_app": _find_ways(user, Authenticator.Type.TOTP).exists(),
        "has_password": user.has_usable_password(),
        "arrangement": subscribing.describe(user),
        "gifts": giving.describe(user),
    }
    return render(request, "account/account.html", context)


def _find_ways(user: User, kind: str) -> Any:  # noqa: ANN401 - allauth ships no types
    return Authenticator.objects.filter(user_id=user.pk, type=kind)


@login_required
@require_GET
def take_data(request: HttpRequest) -> HttpResponse:
    """Hand over everything we hold of a reader, as one file they can read and keep."""
    user = cast("User", request.user)
    if not ratelimit.consume(request, app="allauth.account", action="take_data", user=user, limit_get=True):
        return cast("HttpResponse", ratelimit.respond_429(request))
    held = collect_data(user)
    body = json.dumps(held, cls=DjangoJSONEncoder, indent=2, ensure_ascii=False)
    name = f"kj-report-{timezone.localdate().isoformat()}.json"
    return HttpResponse(
        body, content_type="application/json", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def collect_data(user: User) -> dict[str, Any]:
    """Gather what each wing holds of a reader."""
    return {
        "written_at": timezone.now(),
        "account": belongings.export(user),
        "unsaved_work": unsaved.export(user),
        "subscriptions": list_subscriptions(user),
        "gifts": giving.export(user),
        "payments": list_payments(user),
    }


def list_subscriptions(user: User) -> dict[str, Any]:
    """Return the mirror's rows of a reader, and access given to them. Two queries."""
    rows = Subscription.objects.of_reader(user.pk).values(
        "plan__name", "status", "amount", "currency", "interval", "started_at", "period_end", "ends_at", "ended_at"
    )
    grants = Grant.objects.filter(user=user).values("begins_at", "until")
    return {"subscriptions": list(rows), "access_given": list(grants)}


def list_payments(user: User) -> list[dict[str, Any]]:
    """Return the ledger's entries of a reader, amounts in minor units. One query."""
    entries = Payment.objects.filter(customer__user=user)
    fields = ("occurred_at", "kind", "purpose", "amount", "currency", "description")
    return [{name: getattr(entry, name) for name in fields} for entry in entries]


@proof_required
@require_http_methods(["GET", "POST"])
def delete_account(request: HttpRequest) -> HttpResponseBase:
    """Close an account for good, unless money still leaves its reader's card."""
    user = cast("User", request.user)
    obstacles = find_obstacles(user)
    form = DeleteAccountForm(request.POST or None)
    if request.method == "POST" and not obstacles and form.is_valid():
        erase(user)
        logout(request)
        messages.success(request, "Your account is deleted. Thank you for having read us.")
        return redirect("front_page")
    return render(request, "account/delete.html", {"form": form, "obstacles": obstacles})


def find_obstacles(user: User) -> list[str]:
    """Say what would go on charging somebody who can no longer sign in to stop it; nothing, usually."""
    obstacles = []
    if Subscription.objects.current().of_reader(user.pk).filter(ends_at__isnull=True).exists():
        obstacles.append("Your subscription goes on. Cancel it first, so that nothing more is taken from your card.")
    if giving.has_running_pledge(user):
        obstacles.append("Your monthly gift goes on. Stop it first, for the same reason.")
    if user.is_superuser and not User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk).exists():
        obstacles.append("You are the only owner of the paper. Make somebody else an owner first.")
    return obstacles


def erase(user: User) -> None:
    """Take the person out of the account, their gifts and their customer record; the ledger keeps its amounts."""
    with transaction.atomic():
        _forget_in_the_log(user)
        unsaved.erase(user)
        giving.erase(user)
        subscribing.erase(user)
        customers.erase(user)
        erase_person(user)


def _forget_in_the_log(user: User) -> None:
    """Take the name that colleagues' deeds were logged under out of the admin's log; the deeds stay."""
    of_grants = [str(pk) for pk in Grant.objects.filter(user=user).values_list("pk", flat=True)]
    for model, pks in ((User, [str(user.pk)]), (Grant, of_grants)):
        about = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(model), object_id__in=pks)
        about.update(object_repr="Somebody who closed their account")
