"""Every problem of a bad questionnaire is named, with its place and remedy, and nothing else ever comes of one."""

from __future__ import annotations

import gc
import pickle
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.authoring.check import problems_of
from bot.authoring.problems import Place, Problem, QuestionnaireError, Severity, did_you_mean, shown
from bot.authoring.yaml_reader import read_questionnaire
from bot.authoring.yaml_source import DEEPEST, MOST_BYTES

DATA = Path(__file__).parent / "data" / "questionnaires"


@dataclass
class Case:
    title: str
    file: str
    lines: dict[str, list[str]] = field(default_factory=lambda: {mark: [] for mark in "-+=>"})

    def text(self, mark: str) -> str:
        return "".join(f"{line}\n" for line in self.lines[mark])


def cases() -> Iterator[Case]:
    for block in (DATA / "problems.txt").read_text(encoding="utf-8").split("\n== ")[1:]:
        title, file, *lines = block.rstrip("\n").split("\n")
        case = Case(title, file)
        for line in lines:
            case.lines[line[0]].append(line[2:])
        yield case


@pytest.fixture
def market(tmp_path: Path) -> Path:
    """A copy of the valid survey, beside the common lists, that a test may break."""
    shutil.copytree(DATA / "common", tmp_path / "common")
    return Path(shutil.copytree(DATA / "market", tmp_path / "market"))


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {file.name}"
    file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: case.title.replace(" ", "_"))
def test_each_problem_is_named_with_its_place_and_remedy(case: Case, market: Path) -> None:
    file = market / case.file
    if case.lines["="]:
        file.write_text(case.text("=").removesuffix("\n"), encoding="utf-8")
    else:
        edit(file, case.text("-"), case.text("+"))

    problems = problems_of(market)

    assert [str(problem).replace(f"{market.parent}/", "") for problem in problems] == case.lines[">"]
    assert all(problem.message and problem.remedy for problem in problems)
    if any(problem.severity is Severity.ERROR for problem in problems):
        with pytest.raises(QuestionnaireError) as raised:
            read_questionnaire(market)
        assert list(raised.value.problems) == problems
    else:
        assert read_questionnaire(market).key == "market"


@pytest.mark.parametrize("path", ["market", "common", "."])
def test_what_is_right_has_no_problem(path: str) -> None:
    assert problems_of(DATA / path) == []


def test_a_check_leaves_the_search_for_garbage_as_it_was() -> None:
    for wanted in (gc.disable, gc.enable):
        wanted()
        before = gc.isenabled()
        problems_of(DATA / "market")
        assert gc.isenabled() is before


def test_all_mistakes_are_named_in_one_run(market: Path) -> None:
    edit(market / "questionnaire.yaml", "type: integer", "type: number")
    edit(market / "questionnaire.yaml", "${times} > 0", "${times} > ")
    edit(market / "questionnaire.yaml", "start: 0, end: 1", "start: 2, end: 1")
    edit(market / "fr.yaml", "  since: {label: Depuis quand y allez-vous ?}\n", "")
    (market / "es.yaml").write_text("language: es\ntitle: [", encoding="utf-8")

    named = [(Path(p.file).name, p.path) for p in problems_of(market)]

    assert named == [
        ("questionnaire.yaml", "questions.times.type"),
        ("questionnaire.yaml", "questions.spent.relevant"),
        ("questionnaire.yaml", "questions.clean.parameters"),
        ("es.yaml", ""),
        ("fr.yaml", "questions.since.label"),
    ]


def test_a_broken_base_does_not_hide_a_broken_translation(market: Path) -> None:
    for name in ("questionnaire.yaml", "fr.yaml"):
        (market / name).write_text("a: [", encoding="utf-8")
    assert [Path(p.file).name for p in problems_of(market)] == ["questionnaire.yaml", "fr.yaml"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("notes.yaml", "`notes.yaml` is not the name of a language's file."),
        ("es.yml", "`es.yml` is not the name of a language's file."),
        ("en.yaml", "The texts of `en` are already there: it is the default language."),
    ],
)
def test_a_file_that_is_no_further_language_is_named(market: Path, name: str, message: str) -> None:
    (market / name).write_text("language: en\n", encoding="utf-8")
    assert message in [p.message for p in problems_of(market)]


def test_a_second_document_in_a_language_file_is_named(market: Path) -> None:
    with (market / "fr.yaml").open("a", encoding="utf-8") as file:
        file.write("---\nlanguage: es\n")
    assert [p.message for p in problems_of(market)] == ["A second document begins here."]


def test_common_lists_are_checked_in_the_languages_of_the_questionnaire(market: Path) -> None:
    lists = market.parent / "common"
    edit(lists / "fr.yaml", "radio: Radio, ", "")
    (lists / "es.yaml").write_text("{", encoding="utf-8")
    (market / "pt.yaml").write_text("language: pt\n", encoding="utf-8")

    problems = problems_of(market)
    about_lists = [str(p).replace(f"{lists}/", "") for p in problems if p.path.startswith("choices.channels")]

    lacks = "people read `en` instead. Translate"
    assert about_lists == [
        f"fr.yaml:7:3: warning: `choices.channels.radio` has no text in `fr`; {lacks} “Radio”.",
        f"pt.yaml: warning: `choices.channels.radio` has no text in `pt`; {lacks} “Radio”.",
        f"pt.yaml: warning: `choices.channels.phone` has no text in `pt`; {lacks} “Telephone”.",
        f"pt.yaml: warning: `choices.channels.none` has no text in `pt`; {lacks} “None of these”.",
    ]
    assert not [p for p in problems if p.file.endswith("es.yaml")]
    assert [Path(p.file).name for p in problems_of(lists)] == ["es.yaml"]


def test_words_that_a_language_reserves_are_refused_in_it_alone(market: Path) -> None:
    edit(market / "fr.yaml", "synonyms: [thon]", "synonyms: [thon, Arrêt]")
    edit(market / "questionnaire.yaml", "[seafood, tuna]", "[seafood, arret]")
    reserved = {"en": frozenset({"stop"}), "fr": frozenset({"arret"})}
    assert [(Path(p.file).name, p.message) for p in problems_of(market, reserved=reserved)] == [
        ("fr.yaml", "`Arrêt` is a command in this language or in English.")
    ]


def test_a_folder_without_questionnaires_is_a_problem(tmp_path: Path) -> None:
    [problem] = problems_of(tmp_path)
    assert problem.message == "The file cannot be read: No such file or directory."
    assert problem.place == Place(str(tmp_path / "questionnaire.yaml"))


def test_a_common_folder_without_lists_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "lists.yaml").write_text("default_language: en\n", encoding="utf-8")
    assert [str(p) for p in problems_of(tmp_path)] == [
        f"{tmp_path}/lists.yaml:1:1: There is no list. Add one under `choices:`."
    ]


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        (b"key: caf\xe9\n", (1, 9), "This is not UTF-8 text."),
        (bytes(range(256)), (2, 118), "This is not UTF-8 text."),
        (b"\x00", (1, 1), "The character U+0000 may not stand in YAML."),
        (b"key: \xef\xbf\xbe\n", (1, 6), "The character U+FFFE may not stand in YAML."),
        (b"%YAML 3.0\n---\na: b\n", (1, 1), "This is not YAML: found incompatible YAML document."),
        (b"- " * (DEEPEST + 9), (1, 2 * DEEPEST + 1), "This is nested too deeply."),
        (b"a: &a [x]\nb: [*a, *a]\n", (1, 4), "YAML anchors and aliases are not read (`a`)."),
        (b"#" * (MOST_BYTES + 1), (0, 0), "The file is larger than 2,000,000 bytes."),
    ],
)
def test_what_is_no_questionnaire_at_all_is_refused_in_words(
    tmp_path: Path, content: bytes, place: tuple[int, int], message: str
) -> None:
    file = tmp_path / "survey.yaml"
    file.write_bytes(content)
    [problem] = problems_of(file)
    assert (problem.line, problem.column) == place
    assert problem.message == message


@pytest.mark.parametrize("opening", [b"[", b"{", b"? ", b"- ", b"[{a: "])
def test_no_nesting_exhausts_the_stack(tmp_path: Path, opening: bytes) -> None:
    file = tmp_path / "survey.yaml"
    file.write_bytes(opening * 100_000)
    [problem] = problems_of(file)
    assert "nest" in problem.message


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("relevant: '${times} > 0 and ${a}'", "55:37"),
        ('relevant: "\\x24{times} > 0 and ${a}"', "55:40"),
        ("relevant: \"${visits} = 'no' or ''''''\"", "55:42"),
        ("relevant: '${visits} = ''no'' or ${a}'", "55:42"),
        ("relevant: >-\n          ${times} > 0\n            and ${a}", "57:17"),
        ("relevant: |\n          ${times} > 0\n          and ${a}", "57:15"),
        ("relevant: ${times} > 0\n          and ${a}", "56:15"),
    ],
)
def test_the_column_of_a_mistake_is_exact_however_the_text_is_quoted(
    market: Path, written: str, expected: str
) -> None:
    edit(market / "questionnaire.yaml", "relevant: ${times} > 0", written)
    [problem] = problems_of(market)
    assert f"{problem.line}:{problem.column}" == expected


def test_ten_thousand_unknown_keys_are_all_named(tmp_path: Path) -> None:
    file = tmp_path / "survey.yaml"
    file.write_text("".join(f"key_{index}: x\n" for index in range(10_000)), encoding="utf-8")
    unknown = [p for p in problems_of(file) if p.message.startswith("Unknown key")]
    assert len(unknown) == 10_000


def test_an_error_says_all_its_problems_and_survives_pickling() -> None:
    first = Problem("a.yaml", 3, 4, "title", "It is wrong.", "Mend it.")
    second = Problem("b.yaml", 0, 0, "", "It is odd.", "Look at it.", Severity.WARNING)
    error = QuestionnaireError([first, second])
    assert str(error) == "a.yaml:3:4: It is wrong. Mend it.\nb.yaml: warning: It is odd. Look at it."
    assert pickle.loads(pickle.dumps(error)).problems == (first, second)  # noqa: S301 (our own bytes)


@pytest.mark.parametrize(
    ("word", "remedy"),
    [
        ("interger", "Did you mean `integer`?"),
        ("TEXT", "Did you mean `text`?"),
        ("x", "Look."),
        ("photo", "Look."),
    ],
)
def test_the_nearest_known_word_is_offered(word: str, remedy: str) -> None:
    assert did_you_mean(word, ["integer", "text", "b"], "Look.") == remedy


def test_what_is_quoted_in_a_message_stays_on_one_visible_line() -> None:
    assert shown("a\nb\u202e\x1b[0m") == "a\\nb\\u202e\\x1b[0m"
    assert len(shown("x" * 1000)) == 60
