import pytest

from kjreport.payments.return_paths import clean_return_path


@pytest.mark.parametrize("path", ["/articles/the-corridor/", "/", "/search/?q=armenia&page=2", "/topics/türkiye/"])
def test_a_page_of_ours_is_gone_back_to(path: str) -> None:
    assert clean_return_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "///elsewhere.example/",
        "/\\elsewhere.example/",
        "\\\\elsewhere.example",
        "javascript:alert(1)",
        "articles/",
        "/articles/\r\nSet-Cookie: a=b",
        "/\t/elsewhere.example",
        "/" + "a" * 600,
        "http:///elsewhere.example",
    ],
)
def test_anything_else_is_not(path: str) -> None:
    assert clean_return_path(path) == ""
