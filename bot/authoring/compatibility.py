"""What may not change between versions of a questionnaire, because answers are kept by name and code.

Texts of one and the same structure are revisions of a version, for which the same holds.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.authoring.documents import structure_document
from bot.authoring.problems import Place, Problem, Problems, listed, shown
from bot.flows.questionnaire import LocalizedText, Question, Questionnaire
from bot.flows.understanding.folding import fold


def compatibility(old: Questionnaire, new: Questionnaire) -> list[Problem]:
    """What keeps `new` from following `old`, and, as warnings, what answers to `old` would lose."""
    problems = Problems()
    comparison = _Comparison(Place(f"{new.key}@{new.version}"), problems)
    if old.key != new.key:
        comparison.error(
            "key", f"`{new.key}` cannot follow `{old.key}`.", "Publish it as a questionnaire of its own."
        )
    same = structure_document(old) == structure_document(new)
    if old.version > new.version or (old.version == new.version and not same):
        comparison.error(
            "version",
            f"Version {new.version} does not come after version {old.version}.",
            f"Call it version {old.version + 1}.",
        )
    before, after = _written(old), _written(new)
    labels = ({name: q.label for name, q in questions.items()} for questions in (before, after))
    comparison.compare("question", "questions", *labels)
    for name in before.keys() & after.keys():
        comparison.compare_questions(before[name], after[name])
    return sorted(problems.found, key=lambda problem: problem.path)


class _Comparison:
    def __init__(self, place: Place, problems: Problems) -> None:
        self.place = place
        self.problems = problems

    def error(self, path: str, message: str, remedy: str) -> None:
        self.problems.error(self.place, path, message, remedy)

    def compare(
        self, what: str, path: str, old: Mapping[str, LocalizedText], new: Mapping[str, LocalizedText]
    ) -> None:
        """Name what was removed, and each name that now says what another one said."""
        for name in old.keys() - new.keys():
            self.problems.warning(
                self.place,
                f"{path}.{name}",
                f"The {what} `{shown(name)}` is removed; answers to it stay under its name.",
                "Never give the name to anything else.",
            )
        meant = {_meaning(label): name for name, label in old.items()}
        for name in old.keys() & new.keys():
            other = meant.get(_meaning(new[name]), name)
            if other != name and _meaning(old[name]) != _meaning(new[name]):
                self.error(
                    f"{path}.{name}",
                    f"The {what} `{shown(name)}` now means what `{shown(other)}` meant.",
                    "Keep each name's meaning, and give a new meaning a new name.",
                )

    def compare_questions(self, old: Question, new: Question) -> None:
        path = f"questions.{new.name}"
        if old.type != new.type:
            self.error(
                f"{path}.type",
                f"`{new.name}` was of type `{old.type}` and is now `{new.type}`: its answers would mix.",
                f"Keep the type, or ask under a new name such as `{new.name}_{new.type}`.",
            )
            return
        if (old.choice_list == "country") != (new.choice_list == "country"):
            self.error(
                f"{path}.type",
                f"`{new.name}` changes between countries and a list of its own.",
                "Ask under a new name.",
            )
            return
        labels = ({c.name: c.label for c in q.choices} for q in (old, new))
        self.compare(f"`{new.name}` choice", path, *labels)
        if old.choices and not old.choice_by_name.keys() & new.choice_by_name.keys():
            self.error(
                f"{path}.type",
                f"No choice of `{new.name}` is left: {listed(old.choice_by_name)} are all removed.",
                "Ask under a new name.",
            )
        if old.scale and new.scale and _numbers(old) != _numbers(new):
            self.error(
                f"{path}.parameters",
                f"The scale of `{new.name}` changes: the same number would no longer mean the same.",
                "Keep the scale, or ask under a new name.",
            )


def _written(questionnaire: Questionnaire) -> dict[str, Question]:
    """The questions by name as their author wrote them, once however often they are asked."""
    return {q.name: q for section in questionnaire.as_written for q in section.questions}


def _meaning(label: LocalizedText) -> str:
    return fold(label.texts.get(label.default, ""))


def _numbers(question: Question) -> tuple[float, float, float] | None:
    scale = question.scale
    return (scale.start, scale.end, scale.step) if scale else None
