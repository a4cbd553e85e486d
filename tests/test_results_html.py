"""The page of results: what it shows is what the tables show, in the reader's language, and it can do no harm."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from bot import i18n
from bot.flows.rounds import Round
from bot.results.html_writer import DASH, write_html
from bot.results.indicators.report import report
from bot.results.json_writer import as_json
from bot.results.tabulate import tabulate
from storage.store import Store
from tests.support.results import Person, ask, choices, every_type, make_round, questionnaire, text

MOMENT = datetime(2026, 11, 28, 22, 30, tzinfo=UTC)
VOID = {"meta", "link", "img", "br", "hr", "input"}


class Page(HTMLParser):
    """A page as a reader meets it: headings, and the rows of each table under its heading."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[str] = []
        self.paragraphs: list[str] = []
        self.rows: list[tuple[str, list[str]]] = []
        self._open: list[str] = []
        self.feed(source)
        assert self._open == [], "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)
        if tag in {"h1", "h2", "h3"}:
            self.headings.append("")
        elif tag in {"p", "li"}:
            self.paragraphs.append("")
        elif tag == "tr":
            self.rows.append((self.headings[-1], []))
        elif tag in {"td", "th"}:
            self.rows[-1][1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in reversed(self._open):
            if tag in {"h1", "h2", "h3"}:
                self.headings[-1] += data
                return
            if tag in {"td", "th"}:
                self.rows[-1][1][-1] += data
                return
            if tag in {"p", "li"}:
                self.paragraphs[-1] += data
                return


def written(
    connection: Connection,
    survey: Any,
    people: list[Person],
    path: Path,
    language: str = "en",
    **options: Any,
) -> tuple[Page, dict[str, Any], Round]:
    round_ = make_round(connection, survey, people, minimum_cell=5, **options)
    counted = tabulate(connection, round_.id, round_.questionnaire)
    countries = i18n.lexicon(language).countries
    indicators = report(connection, round_)
    write_html(counted, indicators, round_, language, countries, MOMENT, path)
    source = path.read_text(encoding="utf-8")
    return Page(source), as_json(counted, round_, language, countries), round_


def plain(text: str) -> str:
    return re.sub(r"[\s\u2068\u2069]+", " ", text).strip()


async def test_it_shows_what_the_tables_show_and_no_more(store: Store, tmp_path: Path) -> None:
    people = [
        Person(answers={"happy": "yes", "age": 30 + n, "why": "my secret", "rating": 4}) for n in range(20)
    ]
    people += [Person(answers={"happy": "no", "age": 99, "why": "other words"}) for _ in range(2)]
    path = tmp_path / "r.html"
    page, shown, _ = await store.run(written, every_type(), people, path)

    assert any(question["suppressed"] for question in shown["questions"])
    rows = {(heading, row[0]): row[1:] for heading, row in page.rows}
    for question in shown["questions"]:
        number = f"{question['number']}. " if question["number"] else ""
        for choice in question.get("choices", ()):
            count = DASH if choice["count"] is None else f"{choice['count']:,}"
            share = DASH
            if choice["share"] is not None:
                share = i18n.format_percent("en", round(choice["share"] * 100, 1))
            assert rows[f"{number}{question['label']}", choice["label"]] == ["", count, share]
    assert "my secret" not in path.read_text(encoding="utf-8")
    asked = [plain(one) for one in page.paragraphs if one.startswith("Asked")]
    assert len(asked) == len(shown["questions"])
    assert any(one.endswith("Answers in words are not listed here.") for one in asked)
    assert any(f"{DASH} stands for fewer than 5 people" in plain(one) for one in page.paragraphs)


async def test_it_speaks_the_language_that_is_asked_for(store: Store, tmp_path: Path) -> None:
    page, _, _ = await store.run(
        written, every_type(), [Person(answers={"since": "2024-02-29"})] * 9, tmp_path / "r.html", "ar"
    )

    assert page.tags[0] == ("html", {"lang": "ar", "dir": "rtl"})
    assert i18n.gettext("ar", "Who took part") in page.headings
    assert i18n.gettext("ar", "Who took part") != "Who took part"
    source = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert i18n.format_date("ar", datetime(2024, 2, 29, tzinfo=UTC).date()) in source
    assert i18n.format_datetime("ar", MOMENT, "UTC") in source


async def test_nothing_that_anybody_wrote_becomes_a_part_of_the_page(store: Store, tmp_path: Path) -> None:
    attack = '"><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7 * 7 }}'
    survey = questionnaire(ask("q", "select_one", attack, choices=choices(attack)), ask("w", "text"))
    page, _, _ = await store.run(
        written, survey, [Person(answers={"q": attack, "w": attack}, source=attack)] * 9, tmp_path / "r.html"
    )

    assert {tag for tag, _ in page.tags} & {"script", "img", "iframe", "link", "object", "form"} == set()
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert attack in page.headings
    policy = next(a["content"] for t, a in page.tags if t == "meta" and "http-equiv" in a)
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"
    assert "http" not in re.sub(r'http-equiv="[^"]+"', "", (tmp_path / "r.html").read_text(encoding="utf-8"))


async def test_a_name_of_an_answer_in_a_question_is_no_part_of_a_page_for_all(
    store: Store, tmp_path: Path
) -> None:
    survey = questionnaire(ask("q", "text"), ask("r", "text", "Why “${q}”?"))
    page, _, _ = await store.run(written, survey, [], tmp_path / "r.html")

    assert "Why “…”?" in page.headings


async def test_a_round_that_nobody_answered_has_a_page(store: Store, tmp_path: Path) -> None:
    page, shown, _ = await store.run(written, every_type(), [], tmp_path / "r.html")

    assert shown["respondents"]["started"] == 0
    assert ["Started", "", "0"] in [row for _, row in page.rows]


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_it_says_who_asks_and_when(language: str, store: Store, tmp_path: Path) -> None:
    page, _, round_ = await store.run(written, every_type(), [], tmp_path / "r.html", language)

    source = plain((tmp_path / "r.html").read_text(encoding="utf-8"))
    for said in (round_.agency, round_.title, round_.purpose):
        assert said.in_language(language) in source
    assert "office@example.org" in source
    assert text("Safe water", "Eau potable").in_language(language) in page.headings
