"""The way from a row to a page that asks before money goes back, and the orders that came of it."""

import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from kjreport.payments import refunding
from kjreport.payments.admin.looking import Beside, LookingOnly, Row, address_of, link, put_beside
from kjreport.payments.models import Payment, RefundOrder
from kjreport.payments.stripe_gateway import GatewayError, GatewayRefused

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from kjreport.accounts.models import User

logger = logging.getLogger(__name__)


class Refundable[M: Model](LookingOnly[M]):
    """Rows whose page leads, for those with the right, to a page that asks before money goes back."""

    def get_urls(self) -> list[URLPattern]:
        """Put the asking page before Django's own."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_refund"
        return [
            path("<path:object_id>/refund/", self.admin_site.admin_view(self.refund), name=name),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Offer the way to the asking page to those who may take it."""
        context = {"may_refund": refunding.may_refund(cast("User", request.user)), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def refund(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask first; on POST, do it and come back to the row."""
        if not refunding.may_refund(cast("User", request.user)):
            raise PermissionDenied
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        if request.method == "POST":
            self.take_refund(request, row)
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", row.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "row": row,
            "choices": [(each, refunding.find_left(each)) for each in self.list_refundable(row)],
        }
        return TemplateResponse(request, f"admin/{self.opts.app_label}/{self.opts.model_name}/refund.html", context)

    def list_refundable(self, row: M) -> list[Payment]:
        """Return the payments to choose from."""
        raise NotImplementedError

    def take_refund(self, request: HttpRequest, row: M) -> None:
        """Do it, and say how it went."""
        raise NotImplementedError

    def say_how_it_went(self, request: HttpRequest, deed: Callable[[], object], done: str) -> None:
        """Do it, and tell the colleague what happened and what to do."""
        try:
            deed()
        except refunding.NothingLeft:
            self.message_user(request, "That has been done already. Nothing more was given back.", messages.INFO)
        except GatewayRefused as error:
            self.message_user(request, f"Stripe refused, and nothing was given back: {error}", messages.ERROR)
        except GatewayError:
            logger.warning("A refund has to wait", exc_info=True)
            wait = "Stripe could not be reached. The order is kept, and is carried out as soon as Stripe answers."
            self.message_user(request, wait, messages.WARNING)
        else:
            self.message_user(request, done, messages.SUCCESS)


@admin.register(RefundOrder)
class RefundOrderAdmin(LookingOnly[RefundOrder]):
    """Who gave money back, when, and how it went."""

    list_display = ["ordered_at", "shown_payment", "whose", "ordered_by", "also_cancels", "state"]
    list_select_related = ["payment__customer__user", "ordered_by"]
    search_fields = ["payment__stripe_id", "payment__payment_intent_id", "ordered_by__email", "subscription_id"]
    date_hierarchy = "ordered_at"
    fieldsets = [
        (None, {"fields": ["shown_payment", "whose", "also_cancels", "subscription_id"]}),
        ("What became of it", {"fields": ["state", "ordered_by", "ordered_at", "refunded_at", "finished_at", "tries"]}),
    ]

    @admin.display(description="payment")
    def shown_payment(self, order: RefundOrder) -> "SafeString | str":
        """What was to be given back."""
        return link(order.payment)

    @admin.display(description="whose")
    def whose(self, order: RefundOrder) -> "SafeString | str":
        """Who had paid it."""
        return link(order.payment.customer)

    @admin.display(description="also cancels", boolean=True)
    def also_cancels(self, order: RefundOrder) -> bool:
        """Whether a subscription ends with it."""
        return bool(order.subscription_id)

    @admin.display(description="how it went")
    def state(self, order: RefundOrder) -> str:
        """How it went, in words."""
        if order.error:
            return f"Refused: {order.error}"
        if order.finished_at is not None:
            return "Done"
        return "Given back, the rest is still to do" if order.refunded_at else "Waits for Stripe"


def find_orders(payment: Payment) -> Iterator[Beside]:
    """Find who ordered a payment to be given back."""
    orders = RefundOrder.objects.filter(payment=payment).select_related("ordered_by")
    yield Beside(
        "Refunds ordered",
        ("Ordered", "By", "How it went"),
        [
            Row(
                address_of(each),
                (each.ordered_at, each.ordered_by or "somebody", each.error or each.finished_at or "waits"),
            )
            for each in orders
        ],
    )


put_beside(Payment, "payments.view_refundorder", find_orders)
