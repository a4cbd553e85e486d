"""What people type in Chinese, which has no spaces between words and none around *and* or *not*."""

from __future__ import annotations

from datetime import date

import pytest

from bot.flows.questionnaire import Choice, LocalizedText, Question, Questionnaire, Section
from bot.flows.understanding.chinese import read_chinese
from bot.flows.understanding.dates import Ambiguity, read_date
from bot.flows.understanding.folding import fold
from bot.flows.understanding.matching import Candidate, Match, MatchKind, match
from bot.flows.understanding.numbers import read_integer
from bot.flows.understanding.selections import find_exactly
from bot.flows.understanding.vocabulary import vocabulary
from bot.i18n import lexicon
from tests.support.conversations import Chat, round_of

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("typed", "label"),
    [("职责明确", "职责不明确"), ("我信任政府", "我不信任政府"), ("非政府组织", "政府组织")],
)
def test_a_not_inside_a_word_is_never_a_slip(typed: str, label: str) -> None:
    assert match(typed, (Candidate("label", (fold(label),)),)).kind is MatchKind.NONE


def test_a_wrong_character_that_changes_nothing_is_a_slip() -> None:
    assert match("职责不明晰", (Candidate("unclear", (fold("职责不明确"),)),)).keys == ("unclear",)


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("教育和卫生", ("education", "health")),
        ("教育或者卫生", ("education", "health")),
        ("教育、卫生，劳动与就业", ("education", "health", "labour")),
        ("一和三", ("health", "labour")),
        ("１、３", ("health", "labour")),
        ("第二个", ("education",)),
    ],
)
def test_lists_need_no_spaces(typed: str, codes: tuple[str, ...]) -> None:
    labels = {"health": "卫生", "education": "教育", "labour": "劳动与就业"}
    choices = tuple(Choice(name, LocalizedText({"zh": label}, "zh")) for name, label in labels.items())
    question = Question("field", "select_multiple", LocalizedText({"zh": "领域"}, "zh"), choices=choices)
    known = lexicon("zh")
    assert find_exactly(typed, vocabulary(question, "zh", known), known) == codes


@pytest.mark.parametrize(
    ("typed", "code"), [("中国", "CN"), ("中國", "CN"), ("香港", "HK"), ("阿联酋", "AE")]
)
def test_countries_by_their_short_or_traditional_names(typed: str, code: str) -> None:
    country = Question("country", "select_one", LocalizedText({"zh": "国家"}, "zh"), choice_list="country")
    assert vocabulary(country, "zh", lexicon("zh")).find(fold(typed)).keys == (code,)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("二十一", 21),
        ("三百", 300),
        ("一百零五", 105),
        ("一百五", 150),
        ("两千五百", 2500),
        ("二万三千", 23_000),
        ("１万", 10_000),
        ("1.5万", 15_000),
        ("三亿零五", 300_000_005),
        ("二〇二五", 2025),
        ("第三题", 3),
        ("第25题", 25),
        ("3个", 3),
    ],
)
def test_numbers_in_characters(typed: str, number: int) -> None:
    assert read_integer(typed, lexicon("zh")) == number


@pytest.mark.parametrize("typed", ["三百千", "百万年", "一二百", "1.55十", "万", "三百人", "零万"])
def test_what_is_no_number_in_characters(typed: str) -> None:
    assert read_chinese(typed) is None


@pytest.mark.parametrize(
    "typed",
    [
        *("2025年6月30日", "二〇二五年六月三十日", "2025 年 6 月 30 号", "二零二五年六月三十号"),
        *("2025年六月三十日", "２０２５年６月３０日"),
    ],
)
def test_dates_in_characters(typed: str) -> None:
    assert read_date(typed, lexicon("zh"), TODAY) == date(2025, 6, 30)


@pytest.mark.parametrize("typed", ["六月三十日", "6月30号"])
def test_dates_without_a_year_are_asked_back(typed: str) -> None:
    found = read_date(typed, lexicon("zh"), TODAY)
    assert found == Ambiguity((date(2026, 6, 30), date(2025, 6, 30)))


def test_words_inside_a_label_are_asked_back() -> None:
    label = Candidate("labour", (fold("劳动与就业"),))
    for typed in ("就业", "劳动与就业问题"):
        assert match(typed, (label,)) == Match(MatchKind.UNSURE, ("labour",))
    assert match("业", (label,)).kind is MatchKind.NONE


def test_commands_need_no_space_before_what_they_act_on() -> None:
    zh = {"en": "Q", "zh": "问"}
    topics = (
        Choice("words", LocalizedText({"zh": "语言障碍"}, "zh")),
        Choice("b", LocalizedText({"zh": "费用"}, "zh")),
    )
    first = Question("a", "select_one", LocalizedText(zh, "zh"), choices=topics)
    form = Questionnaire(
        "made",
        1,
        LocalizedText(zh, "zh"),
        "zh",
        ("zh", "en"),
        (Section("s", LocalizedText(zh, "zh"), (first,)),),
    )
    chat = Chat(round_of(form, languages=("zh", "en")), language="zh")
    chat.say("中文", "同意", "语言障")
    assert chat.answers == {"a": "words"}, "the beginning of a label is not a command"
    chat.say("修改1")
    assert chat.at.focus == "a"
    chat.say("2")
    assert chat.answers == {"a": "b"}
    chat.say("语言英语")
    assert chat.at.language == "en"
