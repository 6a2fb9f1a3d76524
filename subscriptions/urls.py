"""The addresses of subscribing."""

from django.urls import path

from subscriptions import views

app_name = "subscriptions"

urlpatterns = [
    path("", views.plans, name="plans"),
    path("start/", views.start, name="start"),
    path("return/", views.come_back_from_checkout, name="return"),
    path("manage/", views.portal, name="portal"),
]
