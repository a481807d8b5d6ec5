"""Articles: written, published, found by everybody, offered while somebody answers."""

from typing import Any

import pytest
from sqlalchemy import select

from erpcrm.core.errors import Stale
from erpcrm.core.moves import make_move
from erpcrm.service.article_text import article_html, plain, telling_words
from erpcrm.service.models import Article
from erpcrm.service.services import knowledge
from tests.refusals import refused


def an_article(
    by: Any, title: str, body: str = "Turn it off and on.", *, published: bool = True, **values: Any
) -> Article:
    article = knowledge.create_article({"title": title, "body": body, "language": "en", "public": True, **values}, by)
    if published:
        make_move(article, "publish", by=by)
    return article


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (
            "# Top\n\nOne **bold** and *italic*\nline",
            "<h2>Top</h2>\n<p>One <strong>bold</strong> and <em>italic</em><br>\nline</p>",
        ),
        ("- a\n- b\n  - c\n- d", "<ul><li>a</li><li>b<ul><li>c</li></ul></li><li>d</li></ul>"),
        ("3. drei\n4. vier", '<ol start="3"><li>drei</li><li>vier</li></ol>'),
        ("> said\n> twice", "<blockquote><p>said<br>\ntwice</p></blockquote>"),
        ("```\n<b>**x**\n```\nafter", "<pre><code>&lt;b&gt;**x**</code></pre>\n<p>after</p>"),
        ("`a<b` 2*3*4 a_b_c", "<p><code>a&lt;b</code> 2*3*4 a_b_c</p>"),
        (
            "[us](https://a.example/?x=1&y=2)",
            '<p><a href="https://a.example/?x=1&amp;y=2" rel="noopener noreferrer">us</a></p>',
        ),
        ("---", "<hr>"),
    ],
)
def test_simple_markdown(text: str, html: str) -> None:
    assert article_html(text) == html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html,<script>)",
        "[x](//evil.example)",
        '[x](https://a.example/"onmouseover="alert(1))',
        "**<img src=x onerror=alert(1)>**",
        "```\n</code><script>",
        "> > > > > > > <i>",
    ],
)
def test_no_text_becomes_markup(text: str) -> None:
    html = str(article_html(text)).lower()
    for bad in ("<script", "<img", "<i>", 'href="javascript', 'href="data', 'href="//', '"onmouseover'):
        assert bad not in html


def test_words_that_tell() -> None:
    assert telling_words("Hello, the pump is leaking and has leaks!") == ["pump", "leak"]
    assert telling_words("请问密封圈漏油") == ["问密", "密封", "封圈", "圈漏", "漏油"]
    assert telling_words("Hi") == []
    assert plain("## Seal\n- change **it** [now](https://a.example)") == "Seal change it now"


def test_articles_are_offered_by_the_words_of_a_ticket(session: Any, agent: Any) -> None:
    leak = an_article(agent, "The pump leaks oil", "Change the seal of the pump.", public=False)
    an_article(agent, "Invoices and payment", "How to pay.")
    an_article(agent, "Leaks of pumps", "Draft about the pump seal.", published=False)
    chinese = an_article(agent, "密封圈漏油怎么办", "更换密封圈。", language="zh")
    assert knowledge.articles_about("Our pump is leaking oil since Monday, what can we do?") == [leak]
    assert knowledge.articles_about("设备的密封圈漏油了") == [chinese]
    assert knowledge.articles_about("!!! ???") == []


def test_the_public_sees_what_is_published_and_public_alone(client: Any, agent: Any, session: Any) -> None:
    seen = an_article(agent, "Cleaning the nozzle", "Use **warm** water.", category="maintenance")
    hidden = [
        an_article(agent, "Nozzle margins", public=False),
        an_article(agent, "Nozzle draft", published=False),
        an_article(agent, "Old nozzle"),
    ]
    make_move(hidden[2], "archive", by=agent)
    session.commit()
    listing = client.get("/service/help?q=nozzle", headers={"Accept-Language": "en"}).text
    assert "Cleaning the nozzle" in listing
    assert "Maintenance" in listing
    for one in hidden:
        assert one.title not in listing
        assert client.get(f"/service/help/{one.id}").status_code == 404
        assert client.post(f"/service/help/{one.id}/opinion", data={"helpful": "1"}).status_code == 404
    assert "<strong>warm</strong>" in client.get(f"/service/help/{seen.id}").text
    nothing = client.get("/service/help?q=qqqq", headers={"Accept-Language": "en"}).text
    assert "Nothing found" in nothing
    assert "Cleaning the nozzle" in client.get("/service/help", headers={"Accept-Language": "zh"}).text


def test_reading_counts_when_a_browser_says_so_and_makes_nobodys_form_stale(
    client: Any, agent: Any, session: Any
) -> None:
    article = an_article(agent, "Cleaning the nozzle")
    session.commit()
    version = article.version
    client.get(f"/service/help/{article.id}")
    session.refresh(article)
    assert article.views == 0, "a scanner that fetches the address has read nothing"
    assert client.post(f"/service/help/{article.id}/seen").status_code == 204
    client.post(f"/service/help/{article.id}/opinion", data={"helpful": "1"})
    client.post(f"/service/help/{article.id}/opinion", data={"helpful": "0"})
    session.refresh(article)
    assert (article.views, article.helpful, article.unhelpful, article.version) == (1, 1, 1, version)
    knowledge.update_article(article, {"title": "Cleaning"}, version)
    with pytest.raises(Stale):
        knowledge.update_article(article, {"title": "Washing"}, version)
    with refused("a title and a text"):
        knowledge.update_article(article, {"body": "  "}, None)


def test_an_agent_writes_an_article(client: Any, sign_in: Any, agent: Any, seller: Any, session: Any) -> None:
    sign_in(client, agent)
    wrong = client.post("/service/articles/new", data={"title": "Only a title", "language": "en"})
    assert wrong.status_code == 422
    assert "Only a title" in wrong.text
    made = client.post(
        "/service/articles/new",
        data={"title": "Seal", "body": "Change it.\r\n\r\n- one", "language": "en", "public": "y"},
    )
    assert made.status_code == 303
    article = session.scalars(select(Article)).one()
    page = client.get(made.location).text
    assert "<li>one</li>" in page
    assert client.post(f"{made.location}/publish", data={"version": article.version}).status_code == 303
    session.refresh(article)
    assert article.status == "published"
    sign_in(client, seller)
    assert client.get(f"/service/articles/{article.id}").status_code == 200
    assert client.get(f"/service/articles/{article.id}/edit").status_code == 403


def test_an_agent_is_offered_what_fits_the_ticket(
    client: Any, sign_in: Any, agent: Any, ticket: Any, session: Any
) -> None:
    public = an_article(agent, "Pump leaks")
    an_article(agent, "Leak of the pump, inside", "Tell <nobody>", public=False)
    made = ticket()
    session.commit()
    sign_in(client, agent)
    part = client.get(
        f"/service/tickets/{made.id}/articles", headers={"HX-Request": "true", "HX-Target": "div#article_offers"}
    ).text
    assert "<html" not in part
    assert f'data-insert="Pump leaks: http://localhost:8000/service/help/{public.id}"' in part
    assert 'data-insert="Tell &lt;nobody&gt;"' in part
    assert f"/service/tickets/{made.id}/articles" in client.get(f"/service/tickets/{made.id}").text
