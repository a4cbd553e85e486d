"""Checks what people see and type: that it is there in each language, and one word not taken for another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bot.authoring.draft import REFERENCE, Draft, DraftChoice, DraftList, DraftQuestion, DraftText, Languages
from bot.authoring.problems import Problems, did_you_mean, shown
from bot.authoring.written import Written
from bot.flows.lexicon import Command
from bot.flows.question_types import QUESTION_TYPES
from bot.flows.understanding.matching import fold

LONGEST_LABEL = 160
"""Characters that a question should not exceed, before its hint: what is read at a glance."""
LONGEST_TEXT = 4096
"""UTF-16 units that one message of a channel holds."""

_FILLED = ("label", "hint", "guidance_hint", "constraint_message", "required_message")
"""The texts of a question in which `${name}` says what was answered before."""
_PLACEHOLDER = re.compile(r"\$?\{[^{}]*\}")
_UNCLOSED = re.compile(r"\$\{(?![^{}]*\})")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

ENGLISH_COMMANDS: Mapping[str, frozenset[str]] = {"en": frozenset(command.value for command in Command)}
"""Words that always mean a command; what a language adds comes from its catalogue."""


def check_texts(draft: Draft, reserved: Mapping[str, frozenset[str]], problems: Problems) -> None:
    """Find what is wrong with the texts of a questionnaire, in each of its languages."""
    own = {text.path: text for text in draft.own_texts}
    shared = [choices for choices in draft.used_lists if choices.common]
    common = {choice.label.path: choice.label for choices in shared for choice in choices.choices}
    for texts, languages in ((own, draft.own), (common, draft.common), (draft.lent, draft.lender)):
        for text in texts.values():
            check_text(text, draft.languages, languages, problems)
    for question in draft.questions:
        label = question.texts["label"]
        for written in label.by_language.values():
            if len(written.text) > LONGEST_LABEL and _is_asked(question):
                message = f"The label has {len(written.text)} characters, more than {LONGEST_LABEL}."
                problems.warning(
                    written.place, label.path, message, "Shorten it, or move what explains it to `hint`."
                )
    _check_placeholders(draft, own | common | draft.lent, problems)
    for choices in (*(c for c in draft.lists.values() if not c.common), *shared):
        check_words(choices, draft.languages, reserved, problems)


def check_text(text: DraftText, wanted: tuple[str, ...], languages: Languages, problems: Problems) -> None:
    """Find what is wrong with one text in the languages that are wanted, the one that stands in for others first."""
    _check_translations(text, wanted, languages, problems)
    _check_characters(text, wanted, problems)


def check_words(
    choices: DraftList, languages: tuple[str, ...], reserved: Mapping[str, frozenset[str]], problems: Problems
) -> None:
    """Find choices of a list that typed words could not tell from one another, or from a command."""
    english = reserved.get("en", frozenset())
    places = {choice.name.text: str(place) for place, choice in enumerate(choices.choices, start=1)}
    codes = {fold(name): name for name in places}
    numbers = {place: name for name, place in places.items()}
    by_name = {choice.name.text: choice for choice in choices.choices}
    for choice in choices.choices:
        name = choice.name.text
        if numbers.get(name, name) != name:
            message = f"`{name}` is choice number {places[name]}, so typing {name} could mean two things."
            problems.warning(
                choice.name.place, choice.label.path, message, "Put it at that place, or use a word."
            )
    for language in languages:
        taken = reserved.get(language, frozenset()) | english
        owners: dict[str, str] = {}
        for choice in choices.choices:
            name = choice.name.text
            path = choice.label.path
            for written in _words(choice, language):
                word = fold(written.text)
                text = shown(written.text)
                owner = codes.get(word, owners.setdefault(word, name))
                if word in taken:
                    message = f"`{text}` is a command in this language or in English."
                    problems.doubt(written.place, path, message, "Use other words for the choice.")
                elif not word:
                    message = f"`{text}` has no letter or digit that could be typed."
                    problems.doubt(written.place, path, message, "Use words.")
                elif owner != name and not _never_together(choice, by_name.get(owner)):
                    message = f"`{text}` ({language}) means both `{shown(owner)}` and `{shown(name)}`."
                    problems.doubt(written.place, path, message, "Give each choice words of its own.")
                elif numbers.get(word, name) != name:
                    message = (
                        f"`{text}` is choice number {places[name]}, so typing {word} could mean two things."
                    )
                    problems.warning(
                        written.place, path, message, "Put it at that place in the list, or use words."
                    )


def _never_together(choice: DraftChoice, other: DraftChoice | None) -> bool:
    """Whether columns tell two choices apart, so that a filter can offer the one without the other."""
    if other is None:
        return False
    said = ({column: written.text for column, written in c.filters.items()} for c in (choice, other))
    return next(said) != next(said)


def _is_asked(question: DraftQuestion) -> bool:
    """Whether it wants an answer, as all but a note do."""
    known = QUESTION_TYPES.get(question.type.text)
    return known is None or known.asks


def _is_filled(question: DraftQuestion) -> bool:
    """Whether it has a value without being asked."""
    known = QUESTION_TYPES.get(question.type.text)
    return question.read_only is not None or (known is not None and known.is_filled)


def _words(choice: DraftChoice, language: str) -> Iterator[Written]:
    if label := choice.label.by_language.get(language):
        yield label
    yield from choice.synonyms.get(language, ())


def _check_translations(
    text: DraftText, wanted: tuple[str, ...], languages: Languages, problems: Problems
) -> None:
    """Compare each translation with the language that the text was written in."""
    base = text.by_language.get(languages.default)
    if base is None:
        return
    for language in wanted:
        translated = text.by_language.get(language)
        if language == languages.default:
            continue
        if translated is None:
            written_but_wrong = text.path in languages.places.get(language, {})
            if not text.optional and not written_but_wrong:
                message = f"`{text.path}` has no text in `{language}`"
                remedy = f"Translate “{shown(base.text)}”."
                place = languages.place_of(language, text.path)
                if language == wanted[0]:
                    problems.error(place, text.path, f"{message}, and no other is shown instead.", remedy)
                else:
                    instead = f"{message}; people read `{wanted[0]}` instead."
                    problems.warning(place, text.path, instead, remedy)
            continue
        if languages.mark_of(language, text.path).is_of_other_words(base.text):
            message = f"The text in `{languages.default}` was another one when this was translated."
            remedy = f"Translate “{shown(base.text)}”, or say that it still holds."
            problems.warning(translated.place, text.path, message, remedy)
        if translated.text == base.text and len(base.text.split()) > 2:
            message = f"The text in `{language}` is the same as in `{languages.default}`."
            problems.warning(translated.place, text.path, message, "Translate it.")
        found, expected = (frozenset(_PLACEHOLDER.findall(written.text)) for written in (translated, base))
        for placeholder in sorted(expected - found):
            message = f"`{shown(placeholder)}` of the text in `{languages.default}` is missing."
            problems.doubt(translated.place, text.path, message, "Put it where it belongs in the sentence.")
        for placeholder in sorted(found - expected):
            message = f"`{shown(placeholder)}` is not in the text in `{languages.default}`."
            remedy = did_you_mean(
                placeholder, expected, "Remove it; what stands in braces is not translated."
            )
            problems.doubt(translated.at(translated.text.find(placeholder)), text.path, message, remedy)


def _check_characters(text: DraftText, wanted: tuple[str, ...], problems: Problems) -> None:
    for written in (text.by_language[language] for language in wanted if language in text.by_language):
        length = len(written.text.encode("utf-16-le")) // 2
        if length > LONGEST_TEXT:
            message = f"The text has {length:,} characters; one message holds {LONGEST_TEXT:,}."
            problems.error(written.place, text.path, message, "Shorten it.")
        if control := _CONTROL.search(written.text):
            message = f"The text holds the control character U+{ord(control[0]):04X}."
            problems.error(written.at(control.start()), text.path, message, "Remove it.")
        if unclosed := _UNCLOSED.search(written.text):
            message = "`${` begins the name of a question, and no `}` ends it."
            problems.error(written.at(unclosed.start()), text.path, message, "Write `${name}`.")


def _check_placeholders(draft: Draft, texts: Mapping[str, DraftText], problems: Problems) -> None:
    """Find `${name}` in texts where nothing fills it: only questions and their choices say what was answered."""
    filled: set[str] = set()
    before: dict[str, DraftQuestion] = {}
    every = {question.name.text: question for question in draft.questions}
    for question in draft.questions:
        for key in _FILLED:
            if text := question.texts.get(key):
                filled.add(text.path)
                _check_names(text, before, every, problems)
        before[question.name.text] = question
    for choices in draft.used_lists:
        for choice in choices.choices:
            filled.add(choice.label.path)
            _check_names(choice.label, every, every, problems)
    for text in texts.values():
        for written in () if text.path in filled else text.by_language.values():
            if reference := REFERENCE.search(written.text):
                message = f"`{shown(reference[0])}` is filled only in the texts of questions and choices."
                problems.error(written.at(reference.start()), text.path, message, "Say it without.")


def _check_names(
    text: DraftText,
    before: Mapping[str, DraftQuestion],
    every: Mapping[str, DraftQuestion],
    problems: Problems,
) -> None:
    for written in text.by_language.values():
        for reference in REFERENCE.finditer(written.text):
            name = reference[1]
            if name not in every:
                message = f"There is no question `{shown(name)}`."
                remedy = did_you_mean(name, list(before), "Use the name of an earlier question.")
            elif name not in before and not _is_filled(every[name]):
                message = f"`{name}` is not answered yet when this is asked."
                problems.doubt(
                    written.at(reference.start()), text.path, message, "Refer to an earlier question."
                )
                continue
            elif not _is_asked(every[name]) and not _is_filled(every[name]):
                message = f"`{name}` is a `{every[name].type.text}`, which has no answer."
                remedy = "Refer to a question that is answered."
            else:
                continue
            problems.error(written.at(reference.start()), text.path, message, remedy)
