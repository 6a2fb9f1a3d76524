"""What a reader is shown: the offer at the wall, the card, the account, and letters to them."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone

from articles.publishing import publish
from kjreport.accounts.models import User
from subscriptions import account, catalogue, notices
from subscriptions.access import Access, Told, Verdict
from subscriptions.models import Grant, Notice, NoticeKind, Plan, Price, Subscription
from subscriptions.offer import Offer, find_offer
from tests.cast import a_payment, a_subscription, an_account, an_article
from tests.integration.money.till import html_of

pytestmark = pytest.mark.django_db


def at_the_wall(rf: Any, reader: Any, part: str = "_offer") -> str:
    request = rf.get("/articles/the-corridor/")
    request.user = reader
    return render_to_string(f"subscriptions/{part}.html", {}, request)


def test_the_wall_names_both_prices_and_leads_back_to_the_article(rf: Any) -> None:
    catalogue.ensure_plans()
    page = at_the_wall(rf, AnonymousUser())
    assert "£10" in page
    assert "£100" in page
    assert "saves £20" in page
    assert "return_to=%2Farticles%2Fthe-corridor%2F" in page
    assert "csrf" not in page


def test_the_wall_asks_a_late_payer_to_mend_and_never_to_subscribe_again(
    rf: Any, a_subscriber_past_grace: User
) -> None:
    catalogue.ensure_plans()
    page = at_the_wall(rf, a_subscriber_past_grace)
    assert "Pay the invoice" in page
    assert "/subscribe/manage/" in page
    assert "Subscribe and read on" not in page
    assert "£10" not in page


def test_the_offer_costs_one_query_a_minute(rf: Any, django_assert_num_queries: Any) -> None:
    catalogue.ensure_plans()
    with django_assert_num_queries(1):
        at_the_wall(rf, AnonymousUser())
        at_the_wall(rf, AnonymousUser())
        at_the_wall(rf, AnonymousUser(), "_card")


def test_the_card_names_the_lowest_price(rf: Any) -> None:
    catalogue.ensure_plans()
    assert "Subscribe from £10 a month" in at_the_wall(rf, AnonymousUser(), "_card")


def test_a_site_with_nothing_to_sell_says_so(rf: Any, client: Client) -> None:
    assert find_offer() == Offer()
    assert "Subscriptions open soon" in at_the_wall(rf, AnonymousUser())
    assert "nothing to subscribe to yet" in client.get("/subscribe/").content.decode()


def test_making_the_plans_twice_changes_nothing_and_keeps_what_the_publisher_set() -> None:
    catalogue.ensure_plans()
    Plan.objects.update(name="The Paper")
    Price.objects.filter(interval="month").update(amount=1200)
    catalogue.ensure_plans()
    assert Plan.objects.get().name == "The Paper"
    assert sorted(price.amount for price in Price.objects.all()) == [1200, 10_000]


def test_a_year_that_saves_nothing_claims_nothing() -> None:
    catalogue.ensure_plans()
    Price.objects.filter(interval="year").update(amount=12_000)
    assert find_offer().saving is None


@pytest.mark.parametrize("told", [told for told in Told if told is not Told.NOTHING])
def test_everything_a_reader_is_told_has_a_sentence(told: Told) -> None:
    verdict = Verdict(Access.NONE, told, timezone.now())
    page = render_to_string("subscriptions/_told.html", {"verdict": verdict})
    assert '<p class="told">' in page
    assert "!" not in page


def test_the_account_page_shows_a_subscription_its_renewal_and_payments(client: Client, a_subscriber: User) -> None:
    a_payment(a_subscriber)
    client.force_login(a_subscriber)
    page = client.get("/account/").content.decode()
    assert "£10 a month" in page
    assert "It renews on" in page
    assert "Cancel my subscription" in page
    assert "Keep my subscription" not in page
    assert '<td class="ledger__sum">£10</td>' in page


def test_the_account_page_of_a_lapsed_reader_offers_to_begin_again(client: Client, a_lapsed_subscriber: User) -> None:
    client.force_login(a_lapsed_subscriber)
    page = client.get("/account/").content.decode()
    assert "has ended" in page
    assert "Subscribe again" in page
    assert "Cancel my subscription" not in page


def test_the_account_page_of_a_late_payer_says_what_to_mend(client: Client, a_subscriber_in_grace: User) -> None:
    client.force_login(a_subscriber_in_grace)
    page = client.get("/account/").content.decode()
    assert "Please update your card" in page
    assert "Update my card" in page
    assert "Change my card" not in page, "one way to the card is enough"


def test_the_account_page_tells_a_guest_until_when(client: Client, a_reader: User) -> None:
    Grant.objects.create(user=a_reader, reason="Prize", until=timezone.now() + timedelta(days=30))
    client.force_login(a_reader)
    assert "open to you as our guest until" in client.get("/account/").content.decode()


def test_describing_a_reader_costs_at_most_four_queries(
    a_lapsed_subscriber: User, django_assert_max_num_queries: Any
) -> None:
    reader = User.objects.get(pk=a_lapsed_subscriber.pk)
    with django_assert_max_num_queries(4):
        account.describe(reader)


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_notice_can_be_written_and_is_sent_once(a_subscriber: User, kind: NoticeKind) -> None:
    a_subscriber.name = "Ann <O'Hara>"
    a_subscriber.save()
    subscription = Subscription.objects.get()
    subscription.ends_at = timezone.now()
    subscription.save()
    notice = Notice.objects.create(subscription=subscription, kind=kind)
    assert notices.send_notice(notice.pk)
    assert not notices.send_notice(notice.pk)
    [letter] = mail.outbox
    assert letter.to == [a_subscriber.email]
    assert "KJ Report" in letter.subject
    assert "\n" not in letter.subject
    html = html_of(letter)
    assert "<O'Hara>" not in html
    assert "{{" not in str(letter.body) + html
    assert "!" not in str(letter.body)


def test_a_notice_that_could_not_be_sent_is_found_by_the_sweep(a_subscriber: User, settings: Any, capsys: Any) -> None:
    notice = Notice.objects.create(subscription=Subscription.objects.get(), kind=NoticeKind.WELCOME)
    call_command("send_notices")
    assert not mail.outbox, "the worker is given its time first"
    Notice.objects.update(created_at=timezone.now() - timedelta(minutes=6))
    settings.MAILERS = {"default": {"BACKEND": "nowhere.Backend"}}
    call_command("send_notices")
    assert "0 sent, 1 failed" in capsys.readouterr().out
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
    call_command("send_notices")
    notice.refresh_from_db()
    assert notice.sent_at is not None
    assert len(mail.outbox) == 1


def test_a_reader_who_left_is_not_written_to(a_subscriber: User) -> None:
    subscription = Subscription.objects.get()
    subscription.customer.user = None
    subscription.customer.email = ""
    subscription.customer.save()
    notice = Notice.objects.create(subscription=subscription, kind=NoticeKind.ENDED)
    assert notices.send_notice(notice.pk)
    assert not mail.outbox


def test_a_paused_subscription_is_mended_not_bought_again(client: Client, a_reader: User) -> None:
    catalogue.ensure_plans()
    a_subscription(a_reader, "paused", pause_cause="pause_requested")
    client.force_login(a_reader)
    page = client.get("/subscribe/").content.decode()
    assert "Resume my subscription" in page
    assert "Subscribe for" not in page


@pytest.mark.parametrize(
    ("status", "fields", "said"),
    [
        ("incomplete", {}, "Finish the payment"),
        ("dormant", {}, "Something about your subscription needs our attention"),
        ("active", {"revoked_at": timezone.now()}, "Your reading ended after a payment was disputed"),
    ],
)
def test_whoever_has_a_subscription_of_any_kind_is_not_sold_another(
    client: Client, a_reader: User, status: str, fields: dict[str, Any], said: str
) -> None:
    catalogue.ensure_plans()
    a_subscription(a_reader, status, **fields)
    for page in (read_a_piece(client, a_reader), client.get("/subscribe/").content.decode()):
        assert said in page
        assert "Subscribe for" not in page
        assert "Subscribe and read on" not in page
    assert "Subscribe again" not in client.get("/account/").content.decode()


def test_a_reader_in_grace_reads_everything_under_a_notice(client: Client, a_subscriber_in_grace: User) -> None:
    page = read_a_piece(client, a_subscriber_in_grace)
    assert "Below the line, for subscribers only." in page
    assert "We could not take your payment. Please update your card" in page
    assert "Update my card" in page


def test_a_healthy_subscriber_reads_under_none_and_is_thanked_rather_than_asked(
    client: Client, a_subscriber: User
) -> None:
    catalogue.ensure_plans()
    page = read_a_piece(client, a_subscriber)
    assert "Below the line, for subscribers only." in page
    assert "Please update your card" not in page
    assert "You subscribe, thank you" in page
    assert "Subscribe from" not in page


def test_a_late_payer_meets_the_wall_with_the_way_to_mend(client: Client, a_subscriber_past_grace: User) -> None:
    page = read_a_piece(client, a_subscriber_past_grace)
    assert "Below the line" not in page
    assert "Pay the invoice" in page
    assert "Subscribe and read on" not in page


def read_a_piece(client: Client, reader: User) -> str:
    piece = an_article()
    publish(piece, by=an_account("Edda Editor", is_superuser=True))
    client.force_login(reader)
    return client.get(piece.get_absolute_url()).content.decode()


def test_a_notice_taken_by_one_worker_is_left_to_it_for_a_while(a_subscriber: User) -> None:
    notice = Notice.objects.create(
        subscription=Subscription.objects.get(), kind=NoticeKind.WELCOME, taken_at=timezone.now()
    )
    assert not notices.send_notice(notice.pk)
    Notice.objects.update(taken_at=timezone.now() - timedelta(minutes=6))
    assert notices.send_notice(notice.pk)
    assert len(mail.outbox) == 1


def test_no_transaction_is_open_while_a_mail_goes_out(a_subscriber: User, monkeypatch: pytest.MonkeyPatch) -> None:
    depth = len(connection.savepoint_ids)
    seen = []
    monkeypatch.setattr(notices, "send", lambda *_, **__: seen.append(len(connection.savepoint_ids)))
    notice = Notice.objects.create(subscription=Subscription.objects.get(), kind=NoticeKind.WELCOME)
    notices.send_notice(notice.pk)
    assert seen == [depth]
