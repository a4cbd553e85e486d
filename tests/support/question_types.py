"""Questions of the types that people answer in words, and what is heard of what somebody typed."""

from __future__ import annotations

from datetime import date

from bot.flows.question_types import QUESTION_TYPES, Ear, Heard
from bot.flows.questionnaire import Choice, LocalizedText, Question, Scale
from bot.flows.values import Value
from tests.support.lexicons import LEXICONS

TODAY = date(2026, 3, 10)


def option(name: str, *, exclusive: bool = False, synonyms: str = "", **labels: str) -> Choice:
    other = {"en": tuple(synonyms.split(","))} if synonyms else {}
    return Choice(name, LocalizedText(labels, "en"), other, exclusive)


def question_of(
    kind: str, *choices: Choice, scale: Scale | None = None, choice_list: str | None = None
) -> Question:
    return Question("q", kind, LocalizedText.of("?"), choices=choices, scale=scale, choice_list=choice_list)


MEDIA = (
    option("radio", en="Radio", fr="Radio", es="Radio", ar="راديو", hi="रेडियो"),
    option(
        "tv", en="Television", fr="Télévision", es="Televisión", ar="تلفزيون", hi="टेलीविज़न", synonyms="tv,telly"
    ),
    option(
        "press", en="Press and books", fr="Presse et livres", es="Prensa y libros", ar="صحف وكتب", hi="अख़बार और किताबें"
    ),
    option("net", en="Internet, phone", fr="Internet, téléphone", es="Internet, teléfono", ar="إنترنت", hi="इंटरनेट"),
    option("village", en="Village meeting (fono)", fr="Réunion du village", es="Reunión", ar="اجتماع", hi="बैठक"),
    option(
        "none", exclusive=True, en="None of these", fr="Aucun d’eux", es="Ninguno de estos", ar="لا شيء", hi="कोई नहीं"
    ),
)  # fmt: skip
YND = (
    option("yes", en="Yes", fr="Oui", es="Sí", ar="نعم", hi="हाँ"),
    option("no", en="No", fr="Non", es="No", ar="لا", hi="नहीं"),
    option(
        "dont_know", exclusive=True, en="I don't know", fr="Je ne sais pas", es="No sé", ar="لا أعرف", hi="पता नहीं"
    ),
)  # fmt: skip

ONE = question_of("select_one", *MEDIA)
SEVERAL = question_of("select_multiple", *MEDIA)
YES_NO = question_of("select_one", *YND)
COUNTRY = question_of("select_one", choice_list="country")
NUMBER = question_of("integer")
AMOUNT = question_of("decimal")
STARS = question_of(
    "range", scale=Scale(0, 10, 1, LocalizedText.of("Very bad"), LocalizedText.of("Excellent"))
)
FREE = question_of("text")
DAY = question_of("date")
READ = question_of("acknowledge")


def ear_of(question: Question, language: str = "en", ticked: tuple[str, ...] = ()) -> Ear:
    return Ear(question, language, LEXICONS[language], TODAY, ticked)


def hear(question: Question, typed: str, language: str = "en") -> Heard:
    return QUESTION_TYPES[question.type].hear(typed, ear_of(question, language))


def hear_exactly(question: Question, typed: str, language: str = "en") -> Value | None:
    return QUESTION_TYPES[question.type].hears_exactly(typed, ear_of(question, language))
