"""What responses tell browsers and caches."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils.cache import patch_vary_headers

from kjreport.headers import NOBODY_KEEPS_IT, HeadersMiddleware

PUBLIC = "public, s-maxage=60"


def answer_to(request: HttpRequest, *, cache_control: str = "", looks_at_session: bool = False) -> HttpResponse:
    def view(_request: HttpRequest) -> HttpResponse:
        response = HttpResponse("text")
        if cache_control:
            response["Cache-Control"] = cache_control
        if looks_at_session:
            patch_vary_headers(response, ["Cookie"])
        return response

    response = HeadersMiddleware(view)(request)
    assert isinstance(response, HttpResponse)
    return response


def a_request(*, signed_in: bool = False, **headers: str) -> HttpRequest:
    request = RequestFactory().get("/", headers=headers)
    if signed_in:
        request.COOKIES[settings.SESSION_COOKIE_NAME] = "x"
    return request


def test_a_page_that_says_nothing_is_kept_by_nobody() -> None:
    assert answer_to(a_request())["Cache-Control"] == NOBODY_KEEPS_IT


def test_a_page_may_opt_into_caching() -> None:
    assert answer_to(a_request(), cache_control=PUBLIC, looks_at_session=True)["Cache-Control"] == PUBLIC


def test_a_page_that_depended_on_a_session_is_kept_by_nobody_whatever_it_says() -> None:
    response = answer_to(a_request(signed_in=True), cache_control=PUBLIC, looks_at_session=True)
    assert response["Cache-Control"] == NOBODY_KEEPS_IT


def test_a_picture_is_cached_for_signed_in_readers_too() -> None:
    assert answer_to(a_request(signed_in=True), cache_control=PUBLIC)["Cache-Control"] == PUBLIC


def test_what_a_token_was_shown_is_kept_by_nobody() -> None:
    response = answer_to(a_request(authorization="Token x"), cache_control=PUBLIC)
    assert response["Cache-Control"] == NOBODY_KEEPS_IT


def test_a_response_that_begins_a_session_is_kept_by_nobody() -> None:
    def view(_request: HttpRequest) -> HttpResponse:
        response = HttpResponse("text", headers={"Cache-Control": PUBLIC})
        response.set_cookie(settings.SESSION_COOKIE_NAME, "x")
        return response

    assert HeadersMiddleware(view)(a_request()).headers["Cache-Control"] == NOBODY_KEEPS_IT


def test_devices_and_other_origins_are_left_alone() -> None:
    response = answer_to(a_request())
    assert "camera=()" in response["Permissions-Policy"]
    assert "publickey-credentials-get=(self)" in response["Permissions-Policy"]
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_view_may_open_a_resource_to_other_origins() -> None:
    def view(_request: HttpRequest) -> HttpResponse:
        return HttpResponse("feed", headers={"Cross-Origin-Resource-Policy": "cross-origin"})

    assert HeadersMiddleware(view)(a_request()).headers["Cross-Origin-Resource-Policy"] == "cross-origin"
