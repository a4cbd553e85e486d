"""The questionnaires that come with the program."""

from __future__ import annotations

from functools import cache

from bot.authoring.problems import did_you_mean, listed
from bot.authoring.yaml_draft import INSTRUMENTS, QUESTIONNAIRE
from bot.authoring.yaml_reader import read_questionnaire
from bot.errors import NotFound
from bot.flows.questionnaire import Questionnaire


@cache
def instrument_keys() -> tuple[str, ...]:
    """The keys of all instruments, in alphabetical order."""
    return tuple(sorted(file.parent.name for file in INSTRUMENTS.glob(f"*/{QUESTIONNAIRE}")))


@cache
def instrument(key: str) -> Questionnaire:
    """The newest version of an instrument, read and checked; raises `NotFound`."""
    if key not in instrument_keys():
        known = instrument_keys()
        raise NotFound(
            f"There is no instrument `{key}`.",
            did_you_mean(key, known, f"The instruments are {listed(known)}."),
        )
    return read_questionnaire(INSTRUMENTS / key)
