"""Ratings, rankings and matrices of KoboToolbox, which its own form builder makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.authoring.yaml_reader import read_questionnaire
from tests.support.conversations import Chat, round_of
from tests.test_xlsform_as_in_odk import SETTINGS, said, write

KOBO = """
| survey | | | | | | | |
| | type | name | label | required | kobo--score-choices | kobo--rank-items | kobo--rank-constraint-message |
| | begin_score | how | How is it? | | yn | | |
| | score__row | well | The well | true | | | |
| | score__row | road | The road | | | | |
| | end_score | | | | | | |
| | begin_rank | most | What most? | | | thing | Choose another one. |
| | rank__level | one | First | true | | | |
| | rank__level | two | Second | true | | | |
| | end_rank | | | | | | |
| choices | | | |
| | list_name | name | label |
| | yn | yes | Yes |
| | yn | no | No |
| | thing | fish | Fish |
| | thing | rice | Rice |
"""


def test_ratings_and_rankings_of_kobo_are_the_groups_that_it_makes_of_them(tmp_path: Path) -> None:
    form = write(tmp_path, "form.md", f"{KOBO}{SETTINGS}".encode())
    assert said(form) == []
    chat = Chat(round_of(read_questionnaire(form)))
    assert "How is it?" in chat.say("I agree")
    assert "needed" in chat.say("skip")
    assert "What most?" in chat.say("no", "skip")
    assert "Choose another one." in chat.say("fish", "fish")
    chat.say("rice")
    assert [chat.answers[name] for name in ("well", "road", "one", "two")] == ["no", None, "fish", "rice"]


def test_problems_of_a_rating_are_named_in_their_own_rows(tmp_path: Path) -> None:
    form = write(
        tmp_path,
        "form.md",
        f"{KOBO.replace('row | road', 'row |')}{SETTINGS}".encode(),
    )
    assert [line.partition(": ")[0] for line in said(form)] == [":survey!A4"]


MATRIX = """
| survey | | | | | | | | |
| | type | name | label::English (en) | label::Français (fr) | required | relevant | constraint | kobo--matrix_list |
| | begin_kobomatrix | M1 | Items | Choses | | | | assets |
| | select_one yn | Q1 | Do you have it? | En avez-vous ? | true | | | |
| | integer | Q2 | How many? | Combien ? | true | ${Q1} = 'yes' | . > 2 | |
| | end_kobomatrix | | | | | | | |
| | text | why | Why that many cars? | Pourquoi tant ? | | ${M1_car_Q2} > 3 | | |
| choices | | | | |
| | list_name | name | label::English (en) | label::Français (fr) |
| | assets | car | Car | Voiture |
| | assets | bike | Bike | |
| | yn | yes | Yes | Oui |
| | yn | no | No | Non |
| settings | | |
| | form_id | default_language |
| | home | English (en) |
"""


def test_each_cell_of_a_matrix_is_a_question_under_the_name_that_kobo_gives_it(tmp_path: Path) -> None:
    form = write(tmp_path, "form.md", MATRIX.encode())
    assert [line.partition(": ")[0] for line in said(form)] == [":choices!D3"], "one label is not translated"
    questionnaire = read_questionnaire(form)
    assert [q.name for q in questionnaire] == ["M1_car_Q1", "M1_car_Q2", "M1_bike_Q1", "M1_bike_Q2", "why"]
    assert {q.name: q for q in questionnaire}["M1_bike_Q2"].label.texts == {
        "en": "Bike: How many?",
        "fr": "Bike: Combien ?",
    }
    chat = Chat(round_of(questionnaire))
    assert "Items" in chat.say("English", "I agree")
    assert "needed" in chat.say("skip")
    assert "Car: How many?" in chat.say("yes")
    assert "Bike: Do you have it?" in chat.say("2", "4")
    assert "Why that many cars?" in chat.say("no")
    assert chat.answers["M1_car_Q2"] == 4
    assert not {"M1_bike_Q2"} & chat.answers.keys()


@pytest.mark.parametrize(
    ("old", "new", "places"),
    [
        ("| . > 2 ", "| . >> 2 ", [":survey!G4"]),
        ("${M1_car_Q2}", "${M1_cat_Q2}", [":survey!F6"]),
        ("| integer ", "| integr ", [":survey!A4", ":survey!F6"]),
        (
            "| assets |\n| | select_one",
            "| asset |\n| | select_one",
            [":survey!A2", ":survey!A5", ":survey!F6"],
        ),
        ("| | end_kobomatrix | | | | | | | |\n", "", [":survey!A2", ":survey!F5"]),
    ],
)
def test_problems_of_a_matrix_are_named_where_they_stand(
    old: str, new: str, places: list[str], tmp_path: Path
) -> None:
    form = write(tmp_path, "form.md", MATRIX.replace(old, new).encode())
    errors = [line.partition(": ")[0] for line in said(form) if ": warning: " not in line]
    assert errors == places, "each once, however many rows there are"
