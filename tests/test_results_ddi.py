"""The codebook for archives: in the standard's order, in the round's languages, with the counts of the tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import parse
from sqlalchemy import Connection

from bot import i18n
from bot.results.ddi_writer import NAMESPACE, write_ddi
from bot.results.json_writer import as_json
from bot.results.microdata import read_microdata
from bot.results.tabulate import tabulate
from storage.store import Store
from tests.support.results import Person, ask, choices, every_type, make_round, questionnaire

LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
ORDER = {
    "codeBook": ["docDscr", "stdyDscr", "fileDscr", "dataDscr", "otherMat"],
    "stdyDscr": ["citation", "studyAuthorization", "stdyInfo", "studyDevelopment", "method", "dataAccs"],
    "citation": ["titlStmt", "rspStmt", "prodStmt", "distStmt"],
    "titlStmt": ["titl", "subTitl", "altTitl", "parTitl", "IDNo"],
    "stdyInfo": ["studyBudget", "subject", "abstract", "sumDscr"],
    "sumDscr": ["timePrd", "collDate", "nation", "geogCover", "geogUnit", "anlyUnit", "universe", "dataKind"],
    "dataColl": ["timeMeth", "dataCollector", "sampProc", "collMode", "resInstru"],
    "useStmt": ["confDec", "specPerm", "restrctn", "contact", "citReq", "deposReq", "conditions", "disclaimer"],
    "fileTxt": ["fileName", "fileCitation", "fileCont", "fileStrc", "dimensns", "fileType"],
    "dimensns": ["caseQnty", "varQnty"],
    "dataDscr": ["varGrp", "nCubeGrp", "var", "nCube", "notes"],
    "var": [
        "location", "labl", "imputation", "security", "embargo", "respUnit", "anlysUnit", "qstn", "valrng",
        "invalrng", "undocCod", "universe", "TotlResp", "sumStat", "txt", "stdCatgry", "catgryGrp", "catgry",
        "codInstr", "verStmt", "concept", "derivation", "varFormat",
    ],
    "qstn": ["preQTxt", "qstnLit", "postQTxt", "forward", "backward", "ivuInstr"],
    "catgry": ["catValu", "labl", "txt", "catStat"],
}  # fmt: skip
"""The children of each element in the order of DDI-Codebook 2.5's schema."""


def written(connection: Connection, survey: Any, people: list[Person], path: Path) -> dict[str, Any]:
    """Write the file; the results that may be shown beside it."""
    round_ = make_round(connection, survey, people, minimum_cell=5)
    counted = tabulate(connection, round_.id, round_.questionnaire)
    countries = {tag: i18n.lexicon(tag).countries for tag in round_.languages}
    write_ddi(read_microdata(connection, round_), counted, round_, countries, path)
    return as_json(counted, round_, "en")


async def test_the_least_count_is_the_one_that_is_shown(store: Store, tmp_path: Path) -> None:
    def work(connection: Connection) -> None:
        survey = questionnaire(ask("q", "text"))
        round_ = make_round(connection, survey, [], minimum_cell=2)
        counted = tabulate(connection, round_.id, survey)
        countries = {tag: i18n.lexicon(tag).countries for tag in round_.languages}
        write_ddi(read_microdata(connection, round_), counted, round_, countries, tmp_path / "r.xml")

    await store.run(work)

    (conditions,) = find(parse(tmp_path / "r.xml").getroot(), ".//conditions")
    assert (conditions.text or "").endswith("Counts below 3 are not shown.")


def find(element: Element, path: str) -> list[Element]:
    return element.findall(path, {"": NAMESPACE})


async def test_elements_come_in_the_order_of_the_standard(store: Store, tmp_path: Path) -> None:
    people = [Person(answers={"happy": "yes", "age": 4, "topics": ("health",), "rating": 2})] * 12
    await store.run(written, every_type(), people, tmp_path / "r.xml")

    root = parse(tmp_path / "r.xml").getroot()

    seen = set()
    for parent in root.iter():
        name = parent.tag.removeprefix(f"{{{NAMESPACE}}}")
        if name in ORDER:
            seen.add(name)
            places = [ORDER[name].index(child.tag.removeprefix(f"{{{NAMESPACE}}}")) for child in parent]
            assert places == sorted(places), name
    assert seen == set(ORDER)
    identities = [element.get("ID") for element in root.iter() if element.get("ID")]
    assert len(identities) == len(set(identities))
    for group in find(root, ".//varGrp"):
        assert set(group.attrib["var"].split()) <= set(identities)


async def test_the_variables_are_the_columns_of_the_csv(store: Store, tmp_path: Path) -> None:
    names = await store.run(
        lambda connection: [
            written(connection, every_type(), [Person()], tmp_path / "r.xml"),
            [
                variable.name
                for variable in read_microdata(
                    connection, make_round(connection, every_type(), [Person()], code="AGAIN")
                ).variables
            ],
        ][1]
    )

    root = parse(tmp_path / "r.xml").getroot()

    assert [variable.get("name") for variable in find(root, ".//var")] == names
    (size,) = find(root, ".//varQnty")
    assert size.text == str(len(names))


async def test_it_says_what_was_asked_in_each_language(store: Store, tmp_path: Path) -> None:
    survey = every_type()
    await store.run(written, survey, [Person(answers={"home": "FJ"})], tmp_path / "r.xml")

    root = parse(tmp_path / "r.xml").getroot()

    assert [title.text for title in find(root, ".//titl")] == ["Safe water"]
    assert [(title.text, title.get(LANGUAGE)) for title in find(root, ".//parTitl")] == [
        ("Eau potable", "fr")
    ]
    assert [one.text for one in find(root, ".//IDNo")] == ["WATER"]
    (happy,) = find(root, ".//var[@name='happy']")
    assert [words.text for words in find(happy, "qstn/qstnLit")] == ["Are you happy?"]
    assert find(happy, "qstn")[0].get("seqNo") == "1"
    assert [value.text for value in find(happy, "catgry/catValu")] == ["yes", "no", "dont_know"]
    (rating,) = find(root, ".//var[@name='rating']")
    assert {(label.text, label.get(LANGUAGE)) for label in find(rating, "catgry/labl")} == {
        ("Bad", "en"),
        ("Good", "en"),
        ("Mauvais", "fr"),
        ("Bon", "fr"),
    }
    (home,) = find(root, ".//var[@name='home']")
    fiji = next(one for one in find(home, "catgry") if find(one, "catValu")[0].text == "FJ")
    assert {label.text for label in find(fiji, "labl")} == {"Fiji", "Fidji"}
    (topics,) = find(root, ".//var[@name='topics']")
    assert [condition.text for condition in find(topics, "universe")] == ["${happy} = 'no'"]


async def test_it_shows_no_count_that_the_tables_do_not_show(store: Store, tmp_path: Path) -> None:
    people = [Person(answers={"happy": "yes", "age": 30 + n % 2, "why": "secret words"}) for n in range(20)]
    people += [Person(answers={"happy": "no", "age": 99, "why": "other words"}) for _ in range(2)]
    shown = await store.run(written, every_type(), people, tmp_path / "r.xml")

    root = parse(tmp_path / "r.xml").getroot()

    assert any(question["suppressed"] for question in shown["questions"])
    for question in shown["questions"]:
        (variable,) = find(root, f".//var[@name='{question['name']}']")
        counts = {
            find(category, "catValu")[0].text: int(find(category, "catStat")[0].text or "")
            for category in find(variable, "catgry")
            if find(category, "catStat")
        }
        assert counts == {
            choice["name"]: choice["count"]
            for choice in question.get("choices", ())
            if choice["count"] is not None
        }
        figures = {one.get("type"): one.text for one in find(variable, "sumStat")}
        given = {"vald": question["base"], "invd": question["skipped"]}
        statistics = question.get("statistics", {})
        for name, key in {
            "mean": "mean",
            "medn": "median",
            "min": "minimum",
            "max": "maximum",
            "stdev": "standard_deviation",
        }.items():
            given[name] = statistics.get(key)
        assert figures == {name: str(value) for name, value in given.items() if value is not None}
    assert "secret words" not in (tmp_path / "r.xml").read_text(encoding="utf-8")


async def test_what_xml_cannot_carry_is_left_out(store: Store, tmp_path: Path) -> None:
    survey = questionnaire(ask("q", "select_one", "a\x00b <&> \x1f\uffff", choices=choices("x")))
    await store.run(written, survey, [], tmp_path / "r.xml")

    (words,) = find(parse(tmp_path / "r.xml").getroot(), ".//var[@name='q']/qstn/qstnLit")

    assert words.text == "ab <&> "
