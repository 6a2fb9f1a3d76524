"""The readers' front door."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path

from articles import feeds, robots, sitemaps
from articles import views as articles_views
from kjreport import views
from kjreport.accounts.views import newsroom_door
from kjreport.health import health
from kjreport.payments.views import stripe_webhook

urlpatterns = [
    path("", articles_views.front_page, name="front_page"),
    path("", include("articles.urls")),
    path("about/", articles_views.about, name="about"),
    path("account/", views.account, name="account"),
    path("account/data/", views.take_data, name="account_data"),
    path("account/delete/", views.delete_account, name="account_delete"),
    path("account/", include("kjreport.accounts.urls")),
    path("admin/login/", newsroom_door),
    path("admin/", admin.site.urls),
    path("api/v1/", include("articles.api.urls")),
    path("donate/", include("donations.urls")),
    path("feed/", feeds.rss, name="feed"),
    path("feed/atom/", feeds.atom, name="feed_atom"),
    path("health/", health, name="health"),
    path("news-sitemap.xml", sitemaps.news_sitemap, name="news_sitemap"),
    path("robots.txt", robots.robots, name="robots"),
    path("sitemap.xml", sitemaps.sitemap, name="sitemap"),
    path("sitemap-<slug:section>.xml", sitemaps.sitemap_part, name="sitemap_part"),
    re_path(r"^stripe/webhook/?$", stripe_webhook, name="stripe_webhook"),  # no redirect may lose a letter
    path("subscribe/", include("subscriptions.urls")),
]

if settings.DEBUG:  # a laptop's letters; in production there is no such address
    from kjreport import mailroom

    urlpatterns += [
        path("mail/", mailroom.mailroom, name="mailroom"),
        path("mail/<str:name>/", mailroom.mailroom_letter, name="mailroom_letter"),
    ]
