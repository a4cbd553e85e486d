"""Questionnaires of any shape that an author could write, for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from bot.flows.expressions import Expression
from bot.flows.questionnaire import (
    Choice,
    LocalizedText,
    Part,
    Provenance,
    Question,
    Questionnaire,
    Scale,
    Section,
)

LANGUAGES = ("ar", "en", "fr", "pt-br", "zh-hans")

# No braces, which begin placeholders; the rest is what YAML, JSON and people find hard.
_CHARACTERS = st.characters(
    codec="utf-8", exclude_characters="{}\x7f", exclude_categories=("Cc", "Cn", "Co")
) | st.sampled_from("'\":#-?|>&*!%@`,[]\n\t \u00a0\u2028\ufeff\u200f😀")
_NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True)
_CODES = st.from_regex(r"[A-Za-z0-9_.-]{1,8}", fullmatch=True) | st.sampled_from(["yes", "no", "1", "null"])
_TRAPS = st.sampled_from(
    ["yes", "No", "null", "~", "1e3", "12:30", "2024-01-01", "= b", "- a", "a: b", "a #b"]
)


@st.composite
def questionnaires(draw: st.DrawFn) -> Questionnaire:
    """A questionnaire in up to three languages, as a reader of YAML makes it."""
    used = draw(st.lists(st.sampled_from(LANGUAGES), min_size=1, max_size=3, unique=True))
    languages = (used[0], *sorted(used[1:]))
    counter = iter(range(1, 10_000))

    def text(*, distinct: bool = False) -> LocalizedText:
        texts = {}
        for language in languages:
            body = draw(_TRAPS | st.text(_CHARACTERS, max_size=12))
            texts[language] = f"{body} w{next(counter)}w" if distinct else body.strip() or "x"
        return LocalizedText(texts, languages[0])

    def optional_text() -> LocalizedText | None:
        return text() if draw(st.booleans()) else None

    def choices() -> tuple[Choice, ...]:
        # Codes that differ in case alone could not be told apart by typing.
        codes = draw(st.lists(_CODES, min_size=1, max_size=4, unique_by=str.casefold))
        return tuple(
            Choice(
                name=f"c{index}_{code}",
                label=_stripped(text(distinct=True)),
                synonyms={
                    language: (f"{draw(_TRAPS)} s{next(counter)}s",)
                    for language in languages
                    if draw(st.booleans())
                },
                exclusive=draw(st.booleans()),
            )
            for index, code in enumerate(codes)
        )

    lists = {f"list_{name}": choices() for name in draw(st.sets(_NAMES, max_size=3))}
    names = [f"q{index}_{name}" for index, name in enumerate(draw(st.lists(_NAMES, min_size=1, max_size=6)))]

    def condition(position: int) -> Expression | None:
        if not position or draw(st.booleans()):
            return None
        return Expression.parse(f"${{{draw(st.sampled_from(names[:position]))}}} != ''")

    def question(position: int, name: str) -> Question:
        kind = draw(st.sampled_from(["integer", "decimal", "text", "date", "range", "country", "select"]))
        list_name = draw(st.sampled_from(sorted(lists))) if kind == "select" and lists else None
        constraint = kind == "text" and draw(st.booleans())
        return Question(
            name=name,
            type={
                "country": "select_one",
                "select": draw(st.sampled_from(["select_one", "select_multiple"])) if list_name else "text",
            }.get(kind, kind),
            label=text(),
            number=draw(st.none() | st.sampled_from(["1", "78a", "no"])),
            hint=optional_text(),
            choices=lists[list_name] if list_name else (),
            choice_list="country" if kind == "country" else list_name,
            scale=draw(
                st.sampled_from(
                    [
                        Scale(1, 5, 1, optional_text(), optional_text()),
                        Scale(0, 0.00003, 0.00001, optional_text()),
                        Scale(-2.5, 7.5, 2.5),
                    ]
                )
            )
            if kind == "range"
            else None,
            required=draw(st.booleans()),
            relevant=condition(position),
            constraint=Expression.parse("string-length(.) < 10") if constraint else None,
            constraint_message=optional_text() if constraint else None,
            cells=draw(st.sampled_from([(), ("a/*/*",), ("a/b/c", "*/b/*")])),
            provenance=draw(st.none() | st.sampled_from(Provenance)),
        )

    questions = [question(position, name) for position, name in enumerate(names)]
    cut = draw(st.integers(1, len(questions)))
    parts = tuple(
        Part(name, text(), always=draw(st.booleans())) for name in draw(st.sets(st.sampled_from("ABU")))
    )
    sections = tuple(
        Section(
            name=f"s{index}",
            title=text(),
            questions=tuple(members),
            part=draw(st.sampled_from([None, *(part.name for part in parts)])),
        )
        for index, members in enumerate((questions[:cut], questions[cut:]))
        if members
    )
    return Questionnaire(
        key=draw(_NAMES),
        version=draw(st.integers(1, 99)),
        title=text(),
        default_language=languages[0],
        languages=languages,
        sections=sections,
        parts=parts,
        texts={"source": dict.fromkeys(languages, "Somewhere: 12")} if draw(st.booleans()) else {},
    )


def _stripped(text: LocalizedText) -> LocalizedText:
    return LocalizedText({language: word.strip() for language, word in text.texts.items()}, text.default)
