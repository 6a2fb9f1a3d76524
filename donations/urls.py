"""Addresses for giving."""

from django.urls import path

from donations import views

app_name = "donations"
urlpatterns = [
    path("", views.donate, name="donate"),
    path("return/", views.thank, name="return"),
    path("stop/<str:token>/", views.stop, name="stop"),
    path("stop-mine/<int:pk>/", views.stop_mine, name="stop_mine"),
]
