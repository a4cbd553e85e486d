"""What is said, in words: in each language, within what each channel can do, and no word lost."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import i18n
from bot.authoring.library import instrument_keys
from bot.flows.lexicon import Command
from bot.flows.question_types import QUESTION_TYPES
from bot.flows.questionnaire import Choice, LocalizedText, Question, Questionnaire, Scale
from bot.flows.speech import (
    CommandList,
    CommandWord,
    DoneWord,
    LanguageName,
    Local,
    Note,
    Notice,
    Offer,
    Option,
    Prompt,
    Review,
    ReviewLine,
    Said,
    Saying,
    Worded,
)
from bot.flows.taps import MenuKind, Tap, TapKind
from bot.messages import Capabilities, Document, Part, Reply, utf16_units
from bot.render import render, render_document
from tests.support.conversations import TELEGRAM, TERMINAL, ask, choices, section, text
from tests.support.questionnaires import questionnaires
from tests.support.transcripts import read_any

TAP = Tap(TapKind.ANSWER, 1, 5, 7)
SMALL = Capabilities(text_limit=90, buttons=3, button_limit=12)


def shown(part: Part) -> str:
    """A message with its rows of buttons."""
    rows = (" ".join(f"[{button.label}]" for button in row) for row in part.keyboard)
    return "\n".join((part.text, *rows))


def say(*sayings: Saying, language: str = "en", able: Capabilities = TELEGRAM) -> list[str]:
    return [shown(part) for part in render(sayings, language, able).parts]


def prompt(question: Question, **changes: object) -> Prompt:
    return Prompt(**{"question": question, "tap": TAP, "number": 2, "total": 9, "percent": 11} | changes)  # type: ignore[arg-type]


def some(*labels: str) -> Question:
    return ask("q", "select_multiple", options=choices(*labels))


# Words


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Send BACK or REVIEW"),
        ("fr", "Envoyez RETOUR ou REVOIR"),
        ("es", "Envíe ATRÁS o REVISAR"),
    ],
)
def test_command_words_are_those_of_the_language(language: str, words: str) -> None:
    message = "A message that was changed does not change your answer. Send {back} or {review} to correct it."
    values = {"back": CommandWord(Command.BACK), "review": CommandWord(Command.REVIEW)}
    assert words in say(Notice(message, values), language=language)[0]
    assert words.split()[1] == i18n.command_name(Command.BACK, language).upper()


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ["1 answer no longer counts", "2 answers no longer count"]),
        ("fr", ["1 réponse ne compte plus", "2 réponses ne comptent plus"]),
        ("es", ["1 respuesta", "2 respuestas"]),
    ],
)
def test_numbers_choose_the_plural(language: str, told: list[str]) -> None:
    one = "{count} answer no longer counts, since its question does not apply any more."
    many = "{count} answers no longer count, since their questions do not apply any more."
    for count, start in enumerate(told, start=1):
        assert start in say(Notice(one, plural=many, count=count), language=language)[0]


def test_what_is_put_into_a_sentence_is_written_as_the_language_writes_it() -> None:
    closing = datetime(2026, 3, 31, 5, 0, tzinfo=UTC)
    until = Notice("You can answer until {date}.", {"date": Local(closing, "Pacific/Fiji")})
    assert say(until) == ["You can answer until 31 March 2026, 5:00\u202fpm (Fiji Time)."]
    assert say(until, language="fr") == ["Vous pouvez répondre jusqu’au 31 mars 2026, 17:00 (heure : Fidji)."]
    day = Notice("Send a date, such as {example}.", {"example": date(2024, 12, 31)})
    assert say(day, language="es") == ["Envíe una fecha, por ejemplo 31 de diciembre de 2024."]
    number = Notice("Send a number, such as {example}.", {"example": 1234.5})
    assert say(number, language="fr")[0].endswith("1\u202f234,5.")
    assert say(Notice("We go on in {language}.", {"language": LanguageName("fr")})) == [
        "We go on in Français."
    ]
    assert "TERMINÉ" in say(Notice("To leave it so, send {done}.", {"done": DoneWord()}), language="fr")[0]


@pytest.mark.parametrize(
    ("question", "value", "words"),
    [
        (ask("q"), "yes", "Yes"),
        (some("Rain", "Well", "River"), ("rain", "river"), "Rain and River"),
        (some("Rain and dew", "Well"), ("rain_and_dew", "well"), "Rain and dew · Well"),
        (some("Rain, dew", "Well"), ("rain,_dew", "well"), "Rain, dew · Well"),
        (ask("q", "integer"), 1200, "1,200"),
        (ask("q", "decimal"), 7.5, "7.5"),
        (ask("q", "date"), "2025-05-03", "3 May 2025"),
        (ask("q", "text"), "My own {words}", "My own {words}"),
        (ask("q", "acknowledge"), "OK", "OK"),
        (Question("q", "select_one", text("?"), choice_list="country"), "FJ", "Fiji"),
    ],
)  # fmt: skip
def test_an_answer_in_words(question: Question, value: object, words: str) -> None:
    said = Notice("Your answer so far: {answer}", {"answer": Said(question, value)})  # type: ignore[arg-type]
    assert say(said) == [f"Your answer so far: {words}"]


def test_answers_stand_in_texts_and_dots_where_there_is_none() -> None:
    label = text("How far is ${place} from ${town}?")
    fills = {"place": Said(ask("place", "text"), "Bau")}
    assert say(Note(label, fills)) == ["How far is Bau from …?"]
    assert say(Notice("I understood: {answer}", {"answer": Worded(label, fills)})) == [
        "I understood: How far is Bau from …?"
    ]


def test_right_to_left_words_do_not_turn_the_sentence_around() -> None:
    said = Notice("Your answer so far: {answer}", {"answer": Said(ask("q", "text"), "مرحبا (1)")})
    assert say(said) == ["Your answer so far: \u2068مرحبا (1)\u2069"]


# Messages


def test_sentences_and_the_question_they_lead_to_are_one_message() -> None:
    parts = say(Notice("Skipped."), Note(text("Now the market.")), prompt(ask("q"), section=section("one")))
    before = "Skipped.\n\nNow the market.\n\nSection one\nQuestion 2 of 9 · 11%\n\n"
    assert parts == [f"{before}About q?\n[1. Yes]\n[2. No]\n[Back] [Skip]"]


def test_each_offer_ends_its_message_so_that_its_buttons_are_under_it() -> None:
    change = Option(Notice("Change this answer"), TAP)
    parts = say(Offer(Notice("Skipped."), (change,), numbered=False), prompt(ask("q")), Notice("Skipped."))
    assert [part.splitlines()[0] for part in parts] == ["Skipped.", "Question 2 of 9 · 11%", "Skipped."]
    assert render([prompt(ask("q"))], "en", TELEGRAM).parts[0].question == "q"


def test_options_are_buttons_where_they_fit_and_numbered_lines_elsewhere() -> None:
    offer = Offer(Notice("Do you want to take part?"), (Option("I agree", TAP), Option("No", TAP)))
    assert say(offer) == ["Do you want to take part?\n[1. I agree]\n[2. No]"]
    assert say(offer, able=TERMINAL) == ["Do you want to take part?\n1. I agree\n2. No"]
    plain = Offer(offer.text, offer.options, numbered=False)
    assert say(plain) == ["Do you want to take part?\n[I agree]\n[No]"]
    assert say(plain, able=TERMINAL) == ["Do you want to take part?\n(I agree / No)"]
    long = Offer(offer.text, (Option("x" * 40, TAP), Option("y", TAP)))
    assert say(long) == [f"Do you want to take part?\n1. {'x' * 40}\n2. y\n[1] [2]"]
    greeted = Offer(offer.text, offer.options, greeting=Notice("Skipped."))
    assert say(greeted)[0].startswith("Skipped.\n\nDo you want")


def test_many_options_are_listed_with_a_key_for_each_number() -> None:
    nine = choices(*(f"Village {n}" for n in range(1, 10)))
    [part] = say(prompt(ask("q", options=nine)))
    assert "8. Village 8\n9. Village 9\n[1] [2] [3] [4] [5]\n[6] [7] [8] [9]\n[Back] [Skip]" in part
    assert "[9. Village 9]" not in part


def test_several_choices_have_boxes_where_they_can_be_tapped() -> None:
    question = ask("q", "select_multiple", options=choices("Rain", "Well"))
    [part] = say(prompt(question, ticked=("well",)))
    assert part.endswith("[1. ☐ Rain]\n[2. ☑ Well]\n[Done]\n[Back] [Skip]")
    [part] = say(prompt(question), able=TERMINAL)
    assert part.endswith(
        "1. Rain\n2. Well\n\nYou can choose several. To type them, send their numbers, such as 1, 2."
    )


@pytest.mark.parametrize(
    ("changes", "controls"),
    [
        ({}, ["Back", "Skip"]),
        ({"number": 1}, ["Skip"]),
        ({"required": True}, ["Back"]),
        ({"answered": True}, ["Leave it so", "Back", "Skip"]),
        ({"options": choices(*map(str, range(100, 140)))}, ["More", "Back", "Skip"]),
    ],
)
def test_below_the_options_is_what_else_can_be_done(changes: dict[str, object], controls: list[str]) -> None:
    asked = {name: value for name, value in changes.items() if name in {"required", "options"}}
    rest = {name: value for name, value in changes.items() if name not in asked}
    [part] = render([prompt(ask("q", **asked), **rest)], "en", TELEGRAM).parts  # type: ignore[arg-type]
    labels = [button.label for row in part.keyboard for button in row]
    assert [label for label in labels if not label[0].isdigit()] == controls


def test_a_scale_shows_its_ends_and_its_steps() -> None:
    scale = ask("q", "range", scale=Scale(1, 5, 1, text("Bad"), text("Good")))
    assert say(prompt(scale))[0].endswith("1 = Bad\n5 = Good\n[1] [2] [3] [4] [5]\n[Back] [Skip]")
    assert say(prompt(scale), able=TERMINAL)[0].endswith("1 = Bad\n5 = Good\n\n1 · 2 · 3 · 4 · 5")
    wide = ask("q", "range", scale=Scale(0, 100))
    assert "Please send a number from 0 to 100." in say(prompt(wide))[0]


def test_the_review_shows_every_answer_under_its_section() -> None:
    lines = (
        ReviewLine(1, ask("a"), "yes"),
        ReviewLine(4, ask("b", "text", "What of ${a}?"), None, {"a": Said(ask("a"), "yes")}),
    )
    assert say(Review(((section("one"), lines),))) == [
        "Section one\n1. About a?\n    → Yes\n4. What of Yes?\n    → (skipped)"
    ]


@pytest.mark.parametrize("language", i18n.languages())
def test_the_list_of_words_has_one_line_a_command(language: str) -> None:
    [part] = say(CommandList(tuple(Command)), language=language)
    assert len(part.splitlines()) == len(Command)
    assert part.splitlines()[4].startswith(f"{i18n.command_name(Command.SKIP, language).upper()} – ")


def test_a_file_is_handed_over_or_written_out() -> None:
    document = Document("my-data.json", "application/json", "{}")
    message = "This is everything we hold about you."
    assert render_document(message, document, "en", TELEGRAM) == Reply((Part(message, document=document),))
    assert render_document(message, document, "fr", TERMINAL).parts[0].text.endswith("sur vous.\n\n{}")


# Limits


def test_a_long_text_becomes_several_messages_with_the_buttons_on_the_last() -> None:
    long = ask("q", label="word " * 40)
    parts = render([prompt(long)], "en", SMALL).parts
    assert len(parts) > 2
    assert [bool(part.keyboard) for part in parts] == [False] * (len(parts) - 1) + [True]
    assert not any(part.replaces for part in parts)
    whole = Capabilities(text_limit=4096, replaces=True)
    assert render([prompt(ask("q"), replaces=True)], "en", whole).parts[0].replaces


@st.composite
def sayings(draw: st.DrawFn) -> tuple[list[Saying], str]:
    """Prompts, reviews, notes and offers on any questionnaire that an author could write."""
    made = draw(questionnaires())
    language = draw(st.sampled_from(made.languages))
    say: list[Saying] = []
    for question in made:
        kind = QUESTION_TYPES[question.type]
        if kind.asks:
            page = draw(st.integers(0, 1)) if len(question.choices) > 30 else 0
            say.append(prompt(question, page=page, section=made.section_of[question.name]))
        say.append(Note(question.label))
    words = draw(st.text(max_size=30))
    say.append(Notice("I understood: {answer}", {"answer": words}))
    say.append(
        Offer(Notice("Which one do you mean?"), tuple(Option(w, TAP) for w in ("a", words or "b", "c" * 50)))
    )
    return say, language


def squeezed(reply: Reply) -> str:
    """All the words, without what stands between them; isolates end with the line that a cut may end."""
    return "".join("".join(part.text.split()) for part in reply.parts)


@given(sayings(), st.integers(40, 300), st.sampled_from((0, 3, 100)), st.integers(4, 40))
@settings(max_examples=80)
def test_len_2_no_word_is_lost_and_no_limit_exceeded(
    said: tuple[list[Saying], str], limit: int, buttons: int, button_limit: int
) -> None:
    say, language = said
    able = Capabilities(text_limit=limit, measure=utf16_units, buttons=buttons, button_limit=button_limit)
    roomy = Capabilities(text_limit=10**6, measure=utf16_units, buttons=buttons, button_limit=button_limit)
    reply, whole = render(say, language, able), render(say, language, roomy)
    assert squeezed(reply) == squeezed(whole)
    assert [p.keyboard for p in reply.parts if p.keyboard] == [p.keyboard for p in whole.parts if p.keyboard]
    for part in reply.parts:
        assert part.text.strip()
        assert utf16_units(part.text) <= limit
        for button in (button for row in part.keyboard for button in row):
            assert len(button.data.encode()) <= 64


# LEN-1: every text of every instrument


@cache
def every(key: str) -> Questionnaire:
    return read_any(key)


@pytest.mark.parametrize("able", [TELEGRAM, TERMINAL], ids=["telegram", "terminal"])
@pytest.mark.parametrize("key", [*instrument_keys(), "village", "market"])
def test_len_1_every_question_of_every_questionnaire_fits_in_one_message(
    key: str, able: Capabilities
) -> None:
    asked = [q for q in every(key) if QUESTION_TYPES[q.type].asks]
    for language, question in product(every(key).languages, asked):
        ticked = tuple(choice.name for choice in question.choices)
        here = every(key).section_of[question.name]
        for page in range(1 + len(question.choices) // 31):
            put = prompt(question, section=here, page=page, ticked=ticked)
            [part] = render([put], language, able).parts
            assert able.measure(part.text) <= able.text_limit
            buttons = [button for row in part.keyboard for button in row]
            assert len(buttons) <= able.buttons
            assert all(len(button.data.encode()) <= 64 for button in buttons)
            labels = [button.label for button in buttons]
            assert len(set(labels)) == len(labels), "two options never look the same"


@pytest.mark.parametrize("language", ["en", "fr", "es"])
def test_len_4_a_number_means_the_same_code_in_every_language_and_on_every_page(language: str) -> None:
    crops = every("village").questions["crop"]
    numbered: dict[int, str] = {}
    for page in (0, 1):
        [part] = render([prompt(crops, page=page)], language, TERMINAL).parts
        for line in part.text.partition("?\n\n")[2].splitlines():
            number, dot, label = line.partition(". ")
            if dot and number.isdigit():
                numbered[int(number)] = label
    assert numbered == {
        place: choice.label.in_language(language) for place, choice in enumerate(crops.choices, start=1)
    }
    [part] = render([prompt(crops, page=1)], language, TELEGRAM).parts
    taps = [Tap.decode(button.data) for row in part.keyboard for button in row]
    options = [tap.option for tap in taps if tap is not None and tap.kind is TapKind.ANSWER]
    assert [crops.choices[option].name for option in options] == [c.name for c in crops.choices[30:]]


def test_menus_and_choices_are_told_apart_in_the_data_of_buttons() -> None:
    offer = Offer(Notice("Skipped."), (Option("x", Tap(TapKind.MENU, 1, 2, 3, MenuKind.SECTIONS)),))
    assert render([offer], "en", TELEGRAM).parts[0].keyboard[0][0].data == "m1.2.3.3"


def test_a_language_without_a_catalogue_reads_the_questionnaire_s_own_texts() -> None:
    label = LocalizedText({"en": "How much?", "ht": "Konbyen?"}, "en")
    question = Question("q", "select_one", label, choices=(Choice("a", label),))
    [part] = render([prompt(question)], "ht", TERMINAL).parts
    assert "Konbyen?" in part.text
    assert "1. Konbyen?" in part.text
