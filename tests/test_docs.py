"""The documentation says what is so: generated parts, names, links, commands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout, suppress
from functools import cache
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import pytest

from bot import cli
from bot.authoring import yaml_draft, yaml_translation
from bot.authoring.check import problems_of
from bot.authoring.draft import TEXTS
from bot.authoring.problems import Problems
from bot.authoring.yaml_reader import read_questionnaire
from bot.authoring.yaml_source import Mapping as YamlMapping
from bot.authoring.yaml_source import read_documents
from bot.flows.expressions.functions import FUNCTIONS
from bot.flows.lexicon import Command
from bot.flows.lifecycle import CONVERSATION, RoundTrigger, Trigger
from bot.flows.question_types import QUESTION_TYPES
from bot.flows.session import Outcome, State
from bot.settings import SETTINGS, Setting
from tests.support.documents import EXAMPLE, MARKED, PARTS, ROOT, VISIT, desk, documents, leaves, refreshed

PAGES = documents()
COMMANDS = {parser.prog.removeprefix("talanoa ") for parser in leaves(cli.parser())}
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
NEEDS_MORE_THAN_A_TEST = re.compile(r"\b(make|serve|export)\b")
MACHINE = re.compile(r"(?<![\w.~])/(home|root|Users|work|tmp|private)/|[A-Z]:\\")


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def prose(text: str) -> str:
    """A page without its fenced blocks."""
    return FENCE.sub("", text)


def shell_blocks(text: str) -> Iterator[str]:
    for language, block in FENCE.findall(text):
        if language == "sh":
            yield re.sub(r"\\\n\s*", "", block)


def talanoa_commands(block: str) -> Iterator[tuple[str, list[str]]]:
    """What is typed into a command, and its arguments."""
    for line in block.splitlines():
        before, _, command = line.strip().rpartition(" | ")
        if command.startswith("talanoa "):
            yield before, shlex.split(command)[1:]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_generated_parts_equal_the_code(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert refreshed(text) == text, f"{named(page)} is out of date: run `make docs`"


def test_each_generated_part_stands_somewhere() -> None:
    used = [name for page in PAGES for _, name, _ in MARKED.findall(page.read_text(encoding="utf-8"))]
    assert sorted(used) == sorted(PARTS)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_relative_links_lead_somewhere(page: Path) -> None:
    dead = []
    for target in LINK.findall(prose(page.read_text(encoding="utf-8"))):
        if target.startswith(("https://", "http://")):
            continue
        file, _, anchor = target.partition("#")
        goal = (page.parent / file).resolve() if file else page
        if not goal.exists() or (anchor and anchor not in anchors(goal)):
            dead.append(target)
    assert not dead


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", prose(page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_files_that_are_named_exist(page: Path) -> None:
    paths = re.findall(
        r"`((?:bot|storage|tests|docs|benchmarks)/[\w./-]*)`", page.read_text(encoding="utf-8")
    )
    invented = re.compile(r"\b(KEY|TAG|LANGUAGE)\b")
    missing = [path for path in paths if not invented.search(path) and not (ROOT / path).exists()]
    assert not missing


def test_make_targets_that_are_named_exist_and_each_is_described() -> None:
    targets = set(re.findall(r"^([a-z]+):.*##", text_of("Makefile"), re.MULTILINE))
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        blocks = "\n".join(shell_blocks(text))
        wanted = set(re.findall(r"`make ([a-z]+)", text)) | set(
            re.findall(r"^make ([a-z]+)", blocks, re.MULTILINE)
        )
        assert wanted <= targets, named(page)
    described = set(re.findall(r"^\| `make ([a-z]+)`", text_of("CONTRIBUTING.md"), re.MULTILINE))
    assert targets - {"clean", "bench"} <= described


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_no_machine_is_named(page: Path) -> None:
    assert not MACHINE.search(page.read_text(encoding="utf-8"))


# Names


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_each_setting_is_in_the_readme(setting: Setting) -> None:
    assert f"| `{setting.name}` |" in text_of("README.md")


def test_each_command_of_a_conversation_is_described() -> None:
    text = text_of("docs/conversation.md")
    assert [command for command in Command if f"| `/{command}` |" not in text] == []


def test_each_question_type_is_described_and_in_an_example() -> None:
    text = text_of("docs/questionnaires.md")
    assert [name for name in QUESTION_TYPES if f"| `{name}` |" not in text] == []
    used = {question.type for example in (EXAMPLE, VISIT) for question in read_questionnaire(example)}
    assert used == set(QUESTION_TYPES)


def test_each_function_of_conditions_is_described() -> None:
    text = text_of("docs/questionnaires.md")
    rows = [f"| `{f.usage}` | {f.gives or 'one of them'} | " for f in FUNCTIONS.values()]
    assert [row for row in rows if row not in text] == []
    assert len(re.findall(r"^\| `[a-z0-9:-]+\(.*\)` \| .* \| ", text, re.MULTILINE)) == len(FUNCTIONS)


def test_each_key_of_the_format_is_described() -> None:
    text = text_of("docs/questionnaires.md")
    rows = {
        *yaml_draft._BASE,
        *yaml_draft._PART,
        *yaml_draft._SECTION,
        *yaml_draft._QUESTION,
        *yaml_draft._CHOICE,
        *yaml_draft._REPEAT,
    }
    assert [key for key in sorted(rows) if f"| `{key}` |" not in text] == []
    others = {*yaml_draft._PARAMETERS, *yaml_translation._DOCUMENT, *TEXTS}
    assert [key for key in sorted(others) if f"`{key}`" not in text] == []


def test_each_shared_list_is_named() -> None:
    problems = Problems()
    (document,) = read_documents(ROOT / "bot/flows/instruments/common/lists.yaml", problems)
    assert isinstance(document, YamlMapping)
    lists = next(node for key, node in document.entries if key.written.text == "choices")
    assert isinstance(lists, YamlMapping)
    text = text_of("docs/questionnaires.md")
    assert [key.written.text for key, _ in lists.entries if f"`{key.written.text}`" not in text] == []


def test_each_state_move_and_guard_is_explained() -> None:
    text = text_of("docs/lifecycle.md")
    assert [state for state in State if f"| {state} |" not in text] == []
    assert [trigger for trigger in (*Trigger, *RoundTrigger) if f"| `{trigger}` |" not in text] == []
    assert [row.guard for row in CONVERSATION if row.guard and f"`{row.guard}`:" not in text] == []


def test_each_outcome_is_defined() -> None:
    text = text_of("docs/rounds-and-results.md")
    assert [outcome for outcome in Outcome if f"| {outcome.replace('_', ' ')} |" not in text] == []


def test_each_decision_is_listed() -> None:
    listed = set(LINK.findall(text_of("docs/decisions/README.md")))
    assert listed == {page.name for page in (ROOT / "docs/decisions").glob("0*.md")}


def test_each_page_can_be_reached_from_the_readme() -> None:
    reached, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        for target in LINK.findall(prose(page.read_text(encoding="utf-8"))):
            goal = (page.parent / target.partition("#")[0]).resolve()
            if goal.suffix == ".md" and goal.exists():
                waiting.append(goal)
    assert set(PAGES) <= reached


# Requirements


def requirements() -> list[str]:
    return re.findall(r"^\| ([A-Z]+-\d+) \|", text_of("docs/reliability.md"), re.MULTILINE)


@pytest.mark.parametrize("requirement", requirements())
def test_each_requirement_has_a_test_with_its_name(requirement: str) -> None:
    name = requirement.lower().replace("-", "_")
    named_so = re.compile(rf"def test_(?:\w*_)?{name}(?:_\w*)?\(")
    found = named_so.search(source_of_tests()) is not None
    assert found, f"no test has {name} in its name"


@cache
def source_of_tests() -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in ROOT.glob("tests/**/test_*.py"))


# Commands


def test_each_command_has_a_section() -> None:
    text = text_of("docs/command-line.md")
    assert [command for command in COMMANDS if f"\n## `talanoa {command}`\n" not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_commands_can_be_typed_as_they_stand(page: Path) -> None:
    for block in shell_blocks(page.read_text(encoding="utf-8")):
        for _, arguments in talanoa_commands(block):
            assert not complaint(arguments), f"talanoa {shlex.join(arguments)}"


def complaint(arguments: list[str]) -> str:
    """What the command line has against these arguments."""
    said = StringIO()
    with redirect_stdout(StringIO()), redirect_stderr(said), suppress(SystemExit):
        cli.parser().parse_args(arguments)
    return said.getvalue()


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_commands_that_are_mentioned_exist(page: Path) -> None:
    groups = {command.partition(" ")[0] for command in COMMANDS}
    for mentioned in INLINE.findall(prose(page.read_text(encoding="utf-8"))):
        words = mentioned.split()
        if words[0] != "talanoa" or len(words) == 1 or words[1].startswith("-"):
            continue
        known = " ".join(words[1:3]) in COMMANDS or words[1] in (COMMANDS if len(words) > 2 else groups)
        assert known, mentioned


def test_the_commands_of_the_readme_do_what_it_says() -> None:
    blocks = [b for b in shell_blocks(text_of("README.md")) if not NEEDS_MORE_THAN_A_TEST.search(b)]
    with desk() as folder:
        (folder / "docs").symlink_to(ROOT / "docs")
        for block in blocks:
            for before, arguments in talanoa_commands(block):
                status, said = run(arguments, typed_by(before))
                assert status == 0, f"talanoa {shlex.join(arguments)}: {said}"
        rows = (folder / "fiji.csv").read_text(encoding="utf-8").splitlines()
        _, rounds = run(["round", "list", "--json"], "")
    assert rows[0].startswith("respondent,outcome,")
    assert len(rows) > 10
    assert '"code": "fiji",\n    "state": "closed"' in rounds
    assert '"code": "water",\n    "state": "open"' in rounds


def typed_by(shell: str) -> str:
    """What `printf '…'` prints."""
    return shlex.split(shell)[1].replace(r"\n", "\n") if shell else ""


def run(arguments: list[str], typed: str) -> tuple[int, str]:
    said = StringIO()
    with redirect_stdout(said), redirect_stderr(said), patch("sys.stdin", StringIO(typed)):
        try:
            return cli.run(arguments), said.getvalue()
        except SystemExit as leaving:
            return int(leaving.code or 0), said.getvalue()


def test_the_example_has_no_problem() -> None:
    assert problems_of(EXAMPLE) == []
