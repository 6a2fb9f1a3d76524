"""What colleagues see of money: to look at, for the truth of it is at Stripe."""

from kjreport.payments.admin import ledger, letters
from kjreport.payments.admin.looking import Beside, LookingOnly, Row, link, put_beside
from kjreport.payments.admin.refunds import Refundable

__all__ = ["Beside", "LookingOnly", "Refundable", "Row", "ledger", "letters", "link", "put_beside"]
