"""In what two versions of a questionnaire differ, each difference in words."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.authoring.documents import structure_document, text_documents
from bot.authoring.problems import listed, shown
from bot.flows.expressions import Expression
from bot.flows.questionnaire import LocalizedText, Question, Questionnaire, Section


class Kind(StrEnum):
    """What sort of thing changed."""

    QUESTION_ADDED = "question_added"
    QUESTION_REMOVED = "question_removed"
    QUESTION_MOVED = "question_moved"
    TYPE_CHANGED = "type_changed"
    CHOICE_ADDED = "choice_added"
    CHOICE_REMOVED = "choice_removed"
    CHOICE_MOVED = "choice_moved"
    CHOICE_RELABELLED = "choice_relabelled"
    LOGIC_CHANGED = "logic_changed"
    TEXTS_CHANGED = "texts_changed"
    LANGUAGE_ADDED = "language_added"
    LANGUAGE_REMOVED = "language_removed"
    INDICATORS_CHANGED = "indicators_changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same in both."""

    kind: Kind
    path: str
    """What it is about, by names: `questions.trips.relevant`."""
    message: str

    def __str__(self) -> str:
        return self.message


_LOGIC = ("relevant", "constraint", "required", "required_when", "calculation", "default", "choice_filter",
          "read_only", "randomize", "or_other")  # fmt: skip
_TEXTS = ("label", "hint", "guidance_hint", "constraint_message", "required_message")


def differences(old: Questionnaire, new: Questionnaire) -> list[Difference]:
    """Everything in which `new` differs from `old`, in the order of `new`, what was removed first."""
    before, after = _places(old), _places(new)
    found = [*_languages(old, new)]
    found += [
        Difference(Kind.QUESTION_REMOVED, f"questions.{name}", f"The question `{name}` is removed.")
        for name in before
        if name not in after
    ]
    moved = _moved(list(before), list(after))
    for name, (section, question) in after.items():
        path = f"questions.{name}"
        if name not in before:
            found.append(
                Difference(Kind.QUESTION_ADDED, path, f"The question `{name}` ({question.type}) is added.")
            )
            continue
        old_section, old_question = before[name]
        if section.name != old_section.name:
            words = f"`{name}` moves from section `{old_section.name}` to `{section.name}`."
            found.append(Difference(Kind.QUESTION_MOVED, path, words))
        elif name in moved:
            found.append(Difference(Kind.QUESTION_MOVED, path, f"`{name}` comes at another place."))
        found += _question(old_question, question)
    found += _around(old, new)
    return found


def _places(questionnaire: Questionnaire) -> dict[str, tuple[Section, Question]]:
    return {q.name: (section, q) for section in questionnaire.as_written for q in section.questions}


def _moved(old: Sequence[str], new: Sequence[str]) -> set[str]:
    """The names in both that are not where the others' order would have them."""
    common = set(old) & set(new)
    left, right = [n for n in old if n in common], [n for n in new if n in common]
    blocks = difflib.SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks()
    return common - {name for block in blocks for name in left[block.a : block.a + block.size]}


def _languages(old: Questionnaire, new: Questionnaire) -> Iterator[Difference]:
    for kind, languages, what in (
        (Kind.LANGUAGE_REMOVED, [n for n in old.languages if n not in new.languages], "is removed"),
        (Kind.LANGUAGE_ADDED, [n for n in new.languages if n not in old.languages], "is added"),
    ):
        for language in languages:
            yield Difference(kind, f"languages.{language}", f"The language `{language}` {what}.")
    if old.default_language != new.default_language:
        words = f"The default language is `{new.default_language}`, and was `{old.default_language}`."
        yield Difference(Kind.TEXTS_CHANGED, "default_language", words)


def _question(old: Question, new: Question) -> Iterator[Difference]:
    path = f"questions.{new.name}"
    if old.type != new.type:
        words = f"`{new.name}` is of type `{new.type}`, and was `{old.type}`."
        yield Difference(Kind.TYPE_CHANGED, f"{path}.type", words)
    elif _scale(old) != _scale(new):
        words = f"The scale of `{new.name}` is {_scale(new)}, and was {_scale(old)}."
        yield Difference(Kind.TYPE_CHANGED, f"{path}.parameters", words)
    yield from _choices(old, new)
    for name in _LOGIC:
        was, now = _written(getattr(old, name)), _written(getattr(new, name))
        if was != now:
            words = f"`{name}` of `{new.name}` is {_quoted(now)}, and was {_quoted(was)}."
            yield Difference(Kind.LOGIC_CHANGED, f"{path}.{name}", words)
    for name in _TEXTS:
        yield from _text(
            f"{path}.{name}", f"The {name} of `{new.name}`", getattr(old, name), getattr(new, name)
        )
    if old.scale and new.scale:
        for name in ("start_label", "end_label"):
            ends = getattr(old.scale, name), getattr(new.scale, name)
            yield from _text(f"{path}.{name}", f"The {name} of `{new.name}`", *ends)


def _choices(old: Question, new: Question) -> Iterator[Difference]:
    before, after, path = old.choice_by_name, new.choice_by_name, f"questions.{new.name}"
    for kind, names, what in (
        (Kind.CHOICE_REMOVED, [n for n in before if n not in after], "loses the choice"),
        (Kind.CHOICE_ADDED, [n for n in after if n not in before], "gains the choice"),
    ):
        for name in names:
            yield Difference(kind, f"{path}.{name}", f"`{new.name}` {what} `{shown(name)}`.")
    moved = _moved(list(before), list(after))
    if moved:
        which = listed(name for name in after if name in moved)
        words = f"Choices of `{new.name}` come at another place: {which}."
        yield Difference(Kind.CHOICE_MOVED, path, words)
    for name in after:
        if name not in before:
            continue
        was, now = before[name], after[name]
        what = f"The label of choice `{shown(name)}` of `{new.name}`"
        yield from _text(f"{path}.{name}", what, was.label, now.label, Kind.CHOICE_RELABELLED)
        if dict(was.synonyms) != dict(now.synonyms):
            words = f"The synonyms of choice `{shown(name)}` of `{new.name}` change."
            yield Difference(Kind.TEXTS_CHANGED, f"{path}.{name}.synonyms", words)
        if was.exclusive != now.exclusive or dict(was.filters) != dict(now.filters):
            words = f"Choice `{shown(name)}` of `{new.name}` goes with others in another way."
            yield Difference(Kind.LOGIC_CHANGED, f"{path}.{name}", words)


def _around(old: Questionnaire, new: Questionnaire) -> Iterator[Difference]:
    """What changed in the title, parts, sections, and all that no question is the place of."""
    yield from _text("title", "The title", old.title, new.title)
    sections = {section.name: section for section in old.as_written}
    for section in new.as_written:
        was, path = sections.get(section.name), f"sections.{section.name}"
        if was is None:
            continue
        yield from _text(path, f"The title of section `{section.name}`", was.title, section.title)
        if (_written(was.relevant), was.part, was.repeat) != (
            _written(section.relevant), section.part, section.repeat,
        ):  # fmt: skip
            words = f"When or how often section `{section.name}` is asked changes."
            yield Difference(Kind.LOGIC_CHANGED, path, words)
    for part in new.parts:
        before = old.part_by_name.get(part.name, part)
        yield from _text(f"parts.{part.name}", f"The title of part `{part.name}`", before.title, part.title)
    structures = structure_document(old), structure_document(new)
    if structures[0]["parts"] != structures[1]["parts"]:
        yield Difference(Kind.LOGIC_CHANGED, "parts", "The parts, or when they are asked, change.")
    if structures[0].get("indicators") != structures[1].get("indicators"):
        yield Difference(Kind.INDICATORS_CHANGED, "indicators", "The indicators are computed differently.")
    words_of = [
        {language: (texts.get("texts"), texts.get("indicators")) for language, texts in both.items()}
        for both in (text_documents(old), text_documents(new))
    ]
    for language in sorted(words_of[0].keys() & words_of[1].keys()):
        if words_of[0][language] != words_of[1][language]:
            words = f"Other texts in `{language}` change."
            yield Difference(Kind.TEXTS_CHANGED, f"texts.{language}", words)


def _text(
    path: str,
    what: str,
    old: LocalizedText | None,
    new: LocalizedText | None,
    kind: Kind = Kind.TEXTS_CHANGED,
) -> Iterable[Difference]:
    before, after = old.texts if old else {}, new.texts if new else {}
    for language in sorted({*before, *after}):
        was, now = before.get(language), after.get(language)
        if was != now:
            words = f"{what} in `{language}` is {_quoted(now)}, and was {_quoted(was)}."
            yield Difference(kind, f"{path}.{language}", words)


def _written(value: object) -> str | None:
    if isinstance(value, Expression):
        return value.source
    return None if value in {None, False} else "yes" if value is True else str(value)


def _quoted(text: str | None) -> str:
    return "not there" if text is None else f"“{shown(text)}”"


def _scale(question: Question) -> str:
    scale = question.scale
    return f"{scale.start:g} to {scale.end:g} by {scale.step:g}" if scale else "none"
