"""Whatever becomes of a file, reading it gives a questionnaire or says what is wrong; nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.authoring.check import problems_of
from bot.authoring.problems import QuestionnaireError, Severity
from bot.authoring.yaml_reader import read_questionnaire
from bot.flows.questionnaire import Questionnaire

DATA = Path(__file__).parent / "data" / "questionnaires"
FILES = {
    file.relative_to(DATA).as_posix(): file.read_text(encoding="utf-8") for file in DATA.glob("*/*.yaml")
}

Mutation = Callable[[str], str]

_POSITIONS = st.integers(0, max(map(len, FILES.values())))
_SNIPPETS = st.text(max_size=8) | st.sampled_from(
    [
        *(
            "{",
            "}",
            "[",
            "]",
            ": ",
            "- ",
            "\n",
            "\t",
            "#",
            "'",
            '"',
            "|",
            ">",
            "&a ",
            "*a",
            "!!int ",
            "---\n",
            "~",
        ),
        *(
            "${",
            "}",
            "${times}",
            "no",
            "yes: ",
            "name: ",
            "\x00",
            "\u2028",
            "\ufeff",
            "1e999",
            "0x1F",
            ".inf",
        ),
        *("(" * 200, "1" * 5000, "not(" * 120, "regex(., '(')", "<<: "),
    ]
)


@st.composite
def mutations(draw: st.DrawFn) -> Mutation:
    first, second = sorted((draw(_POSITIONS), draw(_POSITIONS)))
    snippet = draw(_SNIPPETS)
    kind = draw(st.sampled_from(["insert", "delete", "replace", "repeat", "swap lines", "drop line", "cut"]))

    def mutate(text: str) -> str:
        lines = text.split("\n")
        here, there = first % len(lines), second % len(lines)
        match kind:
            case "insert":
                return text[:first] + snippet + text[first:]
            case "delete":
                return text[:first] + text[min(second, first + 40) :]
            case "replace":
                return text[:first] + snippet + text[first + len(snippet) :]
            case "repeat":
                return text[:second] + text[first:second] + text[second:]
            case "swap lines":
                lines[here], lines[there] = lines[there], lines[here]
            case "drop line":
                del lines[here]
            case _:
                return text[:first]
        return "\n".join(lines)

    return mutate


def read(files: dict[str, bytes]) -> Questionnaire | None:
    """Read the survey among these files; what the check says must agree with what reading does."""
    with TemporaryDirectory() as folder:
        for name, content in files.items():
            file = Path(folder, name)
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(content)
        market = Path(folder, "market")
        problems = problems_of(market)
        questionnaire = None
        if any(problem.severity is Severity.ERROR for problem in problems):
            with pytest.raises(QuestionnaireError) as raised:
                read_questionnaire(market)
            assert list(raised.value.problems) == problems
        else:
            questionnaire = read_questionnaire(market)
        for problem in problems:
            lines = files.get(Path(problem.file).relative_to(folder).as_posix(), b"").count(b"\n") + 1
            assert 0 <= problem.line <= lines + 1
            assert problem.message.endswith(".")
            assert problem.remedy
            assert "\n" not in str(problem)
        return questionnaire


@given(st.lists(st.tuples(st.sampled_from(sorted(FILES)), mutations()), min_size=1, max_size=3))
@settings(max_examples=60)
def test_no_mutation_of_a_good_file_raises_anything_else(changes: list[tuple[str, Mutation]]) -> None:
    texts = dict(FILES)
    for name, mutate in changes:
        texts[name] = mutate(texts[name])
    read({name: text.encode("utf-8", "surrogatepass") for name, text in texts.items()})


@given(st.sampled_from(sorted(FILES)), st.binary(max_size=200))
@example("market/questionnaire.yaml", b"\xff\xfe\x00\x00")
@settings(max_examples=40)
def test_no_bytes_raise_anything_else(name: str, junk: bytes) -> None:
    read({file: text.encode() for file, text in FILES.items()} | {name: junk})


def test_the_files_that_are_mutated_are_good() -> None:
    questionnaire = read({name: text.encode() for name, text in FILES.items()})
    assert questionnaire is not None
    assert len(questionnaire.questions) == 11
