"""Any two states of an article are compared, and one comes back without loss of what anybody is writing."""

import re
from html import unescape
from typing import Any

import pytest
from django.utils.html import strip_tags

from articles.admin.presence import be_present
from articles.admin.states import LIVE, WORKING_COPY, Contrast, contrast, find_standing
from articles.admin.versions import list_versions
from articles.models import Access, Article, UnsavedWork
from articles.publishing import publish
from kjreport.accounts.models import User
from tests.cast import a_colleague, a_section, a_topic, an_article
from tests.integration.newsroom import address_of, at_the_desk, filled_in
from tests.pictures import a_photo

pytestmark = pytest.mark.django_db

LINE = '<hr data-paywall-line="">'
FIRST = "<p>The bridge stands on four pillars.</p><p>It stays.</p>"


@pytest.fixture
def a_piece(an_editor: User) -> Article:
    """An article saved twice, the first text published."""
    article = an_article("Then", source=f"{FIRST}{LINE}<p>Paid.</p>", topics=["Armenia"])
    at_the_desk(an_editor).post(address_of(article), filled_in(article))
    publish(article, by=an_editor)
    return article


def save(article: Article, by: User, **changes: Any) -> None:
    at_the_desk(by).post(address_of(article), filled_in(article, **changes))
    article.refresh_from_db()


def hold(article: Article, before: str, after: str, by: User) -> Contrast:
    one, other = (find_standing(article, key, reader=by) for key in (before, after))
    assert one is not None
    assert other is not None
    return contrast(one, other)


def changed(found: Contrast) -> list[tuple[str, str]]:
    """Return the kind of each block that differs, with its words marked as an editor marks them."""
    signs = {"added": "+", "removed": "-", "same": ""}
    return [
        (one.kind, " ".join(f"{signs[run.kind]}{run.text}" for run in one.runs))
        for one in found.text
        if one.kind != "same"
    ]


def test_words_are_marked_within_their_block(an_editor: User, a_piece: Article) -> None:
    new = f"<p>The bridge stands on five pillars.</p><p>It stays.</p>{LINE}<p>Paid.</p><p>Quite another matter.</p>"
    save(a_piece, an_editor, source=new)
    expected = [
        ("changed", "The bridge stands on -four +five pillars."),
        ("added", "+Quite another matter."),
    ]
    newest, oldest = list_versions(a_piece)
    assert changed(hold(a_piece, str(oldest.pk), str(newest.pk), an_editor)) == expected
    assert changed(hold(a_piece, LIVE, WORKING_COPY, an_editor)) == expected
    assert hold(a_piece, str(newest.pk), WORKING_COPY, an_editor).is_same


def test_what_readers_have_is_what_was_published(an_editor: User, a_piece: Article) -> None:
    assert hold(a_piece, LIVE, WORKING_COPY, an_editor).is_same


@pytest.mark.parametrize(
    ("block", "kind", "marks"),
    [
        (f"{FIRST}<p>Paid.</p>{LINE}", {"added", "removed"}, []),
        (f'{FIRST}{LINE}<p>Paid.<span data-footnote="Who says?"></span></p>', {"changed"}, ["Note: Who says?"]),
        (
            f'{FIRST}{LINE}<p><a href="https://example.com/a">Paid.</a></p>',
            {"changed"},
            ["Link: https://example.com/a"],
        ),
        (f"{FIRST}{LINE}<p><strong>Paid.</strong></p>", {"changed"}, []),
        (f"{FIRST}{LINE}<h2>Paid.</h2>", {"changed"}, []),
    ],
)
def test_what_hangs_on_the_words_is_compared(
    an_editor: User, a_piece: Article, block: str, kind: set[str], marks: list[str]
) -> None:
    save(a_piece, an_editor, source=block)
    found = [one for one in hold(a_piece, LIVE, WORKING_COPY, an_editor).text if one.kind != "same"]
    assert {one.kind for one in found} == kind
    assert [mark.text for one in found for mark in one.marks if mark.kind == "added"] == marks


def test_a_picture_for_another_of_the_same_words_is_a_difference(an_editor: User, a_piece: Article) -> None:
    one, other = a_photo(alt="A bridge"), a_photo(alt="A bridge")
    save(a_piece, an_editor, source=f'{FIRST}{LINE}<figure data-photo="{one.pk}"></figure>')
    save(a_piece, an_editor, source=f'{FIRST}{LINE}<figure data-photo="{other.pk}"></figure>')
    newest, before = list_versions(a_piece)[:2]
    assert [one.kind for one in hold(a_piece, str(before.pk), str(newest.pk), an_editor).text][-1] == "changed"


def test_everything_about_the_article_is_compared(an_editor: User, a_piece: Article) -> None:
    photo = a_photo(alt="The river")
    changes: dict[str, Any] = {
        "headline": "Now",
        "standfirst": "Otherwise.",
        "section": a_section("Economy").pk,
        "hero": photo.pk,
    }
    changes |= {"topics": [a_topic("Iran").pk], "access": Access.OPEN, "bylines-0-DELETE": "on"}
    save(a_piece, an_editor, **changes)
    newest, oldest = list_versions(a_piece)
    labels = {"Headline", "Standfirst", "Section", "Picture", "Topics", "Who may read", "Authors, in order"}
    for before, after in ((LIVE, WORKING_COPY), (str(oldest.pk), str(newest.pk))):
        found = {one.label: (one.theirs, one.mine) for one in hold(a_piece, before, after, an_editor).fields}
        assert found.keys() == labels
        assert found["Headline"] == ("Then", "Now")
        assert found["Topics"] == ("Armenia", "Iran")
        assert found["Authors, in order"] == ("Ada Byron", "None")


def test_the_page_shows_both_and_offers_to_bring_back(an_editor: User, a_piece: Article) -> None:
    save(a_piece, an_editor, headline="Now")
    old = list_versions(a_piece)[-1]
    desk = at_the_desk(an_editor)
    page = desk.get(address_of(a_piece, "compare"), {"from": str(old.pk), "to": "now"}).content.decode()
    assert "1 difference" in page
    assert re.search(r"<del>Then</del>\s*<ins>Now</ins>", page)
    assert f"/history/{old.pk}/restore/" in page
    past = desk.get(address_of(a_piece, "history")).content.decode()
    assert "published as edition 1" in past
    assert past.count('name="from"') == past.count('name="to"') == 4


@pytest.mark.parametrize("key", ["0", "nothing", "99999999999999999999", "²", ""])
def test_what_there_is_not_is_not_found(an_editor: User, a_piece: Article, key: str) -> None:
    assert at_the_desk(an_editor).get(address_of(a_piece, "compare"), {"from": key}).status_code == 404


def test_a_version_of_another_article_is_not_compared(an_editor: User, a_piece: Article) -> None:
    other, old = an_article("Other"), list_versions(a_piece)[-1]
    assert at_the_desk(an_editor).get(address_of(other, "compare"), {"from": str(old.pk)}).status_code == 404


def test_contributors_compare_only_their_own(a_piece: Article) -> None:
    contributor = a_colleague("Cora Contributor", "Contributors")
    desk = at_the_desk(contributor)
    assert desk.get(address_of(a_piece, "compare")).status_code == 404
    own = an_article("Mine", created_by=contributor)
    assert desk.get(address_of(own, "compare")).status_code == 200


def test_whoever_may_not_read_the_paid_part_does_not_get_it_by_comparing(a_reader: User, a_piece: Article) -> None:
    standing = find_standing(a_piece, LIVE, reader=a_reader)
    assert standing is not None
    assert not standing.is_whole
    assert "Paid." not in [one.text for one in standing.blocks]


# Bringing back --------------------------------------------------------------------------------------------------------


def restore(article: Article, by: User, **given: str) -> str:
    """Bring the first version back; return the page that answers, which is empty where it was done."""
    old = list_versions(article)[-1]
    answer = at_the_desk(by).post(address_of(article, "history", str(old.pk), "restore"), given)
    article.refresh_from_db()
    assert answer.status_code == (302 if not answer.content else 409)
    return " ".join(unescape(strip_tags(answer.content.decode())).split())


def test_a_colleague_at_work_is_named_first(an_editor: User, a_journalist: User, a_piece: Article) -> None:
    save(a_piece, an_editor, headline="Now")
    be_present(a_piece, a_journalist, "a-window")
    assert f"{a_journalist.display_name} has this article open" in restore(a_piece, an_editor)
    assert a_piece.headline == "Now"
    assert not restore(a_piece, an_editor, sure="1")
    assert a_piece.headline == "Then"


def test_a_restore_raises_the_revision_so_that_an_open_form_does_not_overwrite_it(
    an_editor: User, a_piece: Article
) -> None:
    save(a_piece, an_editor, headline="Now")
    open_form = filled_in(a_piece, headline="Typed over it")
    restore(a_piece, an_editor)
    answer = at_the_desk(an_editor).post(address_of(a_piece), open_form)
    a_piece.refresh_from_db()
    assert (answer.status_code, a_piece.headline) == (409, "Then")


def test_own_unsaved_work_goes_to_the_history(an_editor: User, a_piece: Article) -> None:
    save(a_piece, an_editor, headline="Now")
    form = {"headline": ["Half a thought"], "source": ["<p>Not saved.</p>"]}
    UnsavedWork.objects.create(person=an_editor, article=a_piece, form=form, base_revision=a_piece.revision)
    assert "have not saved it" in restore(a_piece, an_editor)
    assert not restore(a_piece, an_editor, sure="1")
    assert a_piece.headline == "Then"
    assert not UnsavedWork.objects.exists()
    kept = {version.headline: version.comment for version in list_versions(a_piece)}
    assert kept["Half a thought"].startswith("Set aside: typed until")


def test_a_state_that_no_version_keeps_is_kept_before_another_comes_back(an_editor: User, a_piece: Article) -> None:
    Article.objects.filter(pk=a_piece.pk).update(headline="By an import", revision=9)
    restore(a_piece, an_editor)
    assert "By an import" in [version.headline for version in list_versions(a_piece)]
