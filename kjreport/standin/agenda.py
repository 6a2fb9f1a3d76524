"""What is due next in a subscription's life, put down for the clock."""

from kjreport.standin.book import DAY, PRIVATE, Book, Json

OVER = ("canceled", "incomplete_expired")
UPCOMING_BEFORE = 7 * DAY
TRIAL_NOTICE = 3 * DAY


def plan(book: Book, subscription: Json) -> None:
    """Set what is due next, in place of what was."""
    identifier = subscription["id"]
    book.unschedule(identifier)
    if subscription["status"] in OVER:
        return
    if subscription["cancel_at"]:
        book.schedule(identifier, "cancel", subscription["cancel_at"])
    if subscription["status"] == "paused":
        resumes_at = subscription.get(PRIVATE, {}).get("resumes_at")
        if resumes_at:
            book.schedule(identifier, "resume", resumes_at)
        return
    until = int(subscription["items"]["data"][0]["current_period_end"])
    book.schedule(identifier, "renew", until)
    if until - UPCOMING_BEFORE > book.now and not subscription["cancel_at"]:
        book.schedule(identifier, "upcoming", until - UPCOMING_BEFORE)
    if subscription["status"] == "trialing" and until - TRIAL_NOTICE > book.now:
        book.schedule(identifier, "trial_notice", until - TRIAL_NOTICE)
