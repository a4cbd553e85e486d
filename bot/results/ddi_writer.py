"""The codebook of a round as DDI-Codebook 2.5, in all its languages.

The standard of data archives: https://ddialliance.org/Specification/DDI-Codebook/2.5/. Counts and statistics are those
that the tables show, so that the document can be published.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from bot.flows.questionnaire import LocalizedText, Question
from bot.flows.rounds import Round
from bot.results.disclosure import protect
from bot.results.microdata import Form, Microdata, Variable
from bot.results.suppression import effective_minimum
from bot.results.tabulation import QuestionTable, Tabulation
from bot.xml_text import xml_text

NAMESPACE = "ddi:codebook:2_5"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_FIGURES = {
    "mean": "mean",
    "median": "medn",
    "minimum": "min",
    "maximum": "max",
    "standard_deviation": "stdev",
}
_DOMAINS = {
    Form.CODE: "category",
    Form.CODES: "multiple",
    Form.TICK: "multiple",
    Form.NUMBER: "numeric",
    Form.DATE: "datetime",
    Form.TIME: "datetime",
    Form.DATE_TIME: "datetime",
    Form.TEXT: "text",
    Form.COMPUTED: "other",
}


def write_ddi(
    microdata: Microdata,
    tabulation: Tabulation,
    round_: Round,
    countries: Mapping[str, Mapping[str, str]],
    path: Path,
) -> None:
    """Write what the study, its file and its variables are; `countries` by language.

    The variables are those of the CSV with the same options.
    """
    ET.register_namespace("", NAMESPACE)
    root = ET.Element(_tag("codeBook"), {"version": "2.5", _LANGUAGE: round_.questionnaire.default_language})
    document = _Writer(round_, countries)
    document.study(root)
    document.file(root, microdata)
    document.variables(root, microdata.variables, protect(tabulation, round_.minimum_cell))
    tree = ET.ElementTree(root)
    ET.indent(tree)
    tree.write(path, encoding="utf-8", xml_declaration=True)


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _add(parent: ET.Element, tag: str, text: object = None, /, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, _tag(tag), attributes)
    if text is not None:
        element.text = xml_text(str(text))
    return element


class _Writer:
    def __init__(self, round_: Round, countries: Mapping[str, Mapping[str, str]]) -> None:
        self.round = round_
        self.questionnaire = round_.questionnaire
        self.countries = countries

    def say(self, parent: ET.Element, name: str, text: LocalizedText, **attributes: str) -> None:
        """The text once in each language that has it."""
        for language in self.round.languages:
            if language in text.texts:
                _add(parent, name, text.texts[language], **attributes).set(_LANGUAGE, language)
        if not text.texts.keys() & set(self.round.languages):
            _add(parent, name, text.in_language(text.default), **attributes).set(_LANGUAGE, text.default)

    def study(self, root: ET.Element) -> None:
        """Who asked what, when and how."""
        round_, version = self.round, f"{self.questionnaire.key} version {self.questionnaire.version}"
        study = _add(root, "stdyDscr")
        citation = _add(study, "citation")
        titles = _add(citation, "titlStmt")
        _add(titles, "titl", round_.title.in_language(round_.title.default)).set(
            _LANGUAGE, round_.title.default
        )
        for language, words in round_.title.texts.items():
            if language != round_.title.default and language in round_.languages:
                _add(titles, "parTitl", words).set(_LANGUAGE, language)
        _add(titles, "IDNo", round_.code, agency="talanoa")
        self.say(_add(citation, "rspStmt"), "AuthEnty", round_.agency)
        about = _add(study, "stdyInfo")
        self.say(about, "abstract", round_.purpose, contentType="purpose")
        summary = _add(about, "sumDscr")
        for event, moment in (("start", round_.opens), ("end", round_.closes)):
            if moment is not None:
                _add(summary, "collDate", moment.date(), date=moment.date().isoformat(), event=event)
        _add(summary, "anlyUnit", "Individual or organization that took part")
        _add(summary, "dataKind", "Survey data")
        collection = _add(_add(study, "method"), "dataColl")
        _add(collection, "collMode", "Self-administered questionnaire, by messages")
        _add(collection, "resInstru", version)
        use = _add(_add(study, "dataAccs"), "useStmt")
        if round_.contact:
            _add(use, "contact", round_.contact)
        minimum = effective_minimum(round_.minimum_cell)
        least = f"Counts below {minimum} are not shown." if minimum else ""
        _add(use, "conditions", f"Rows of respondents are for the round's own agency. {least}".rstrip())

    def file(self, root: ET.Element, microdata: Microdata) -> None:
        """The file that the variables are columns of."""
        about = _add(_add(root, "fileDscr", ID="F1"), "fileTxt")
        _add(about, "fileName", f"{self.round.code}.csv")
        size = _add(about, "dimensns")
        _add(size, "caseQnty", microdata.count)
        _add(size, "varQnty", len(microdata.variables))
        _add(about, "fileType", "Comma-separated values, UTF-8")

    def variables(self, root: ET.Element, variables: Iterable[Variable], shown: Tabulation) -> None:
        """The sections, then each variable."""
        data = _add(root, "dataDscr")
        by_section: defaultdict[str, list[str]] = defaultdict(list)
        several: defaultdict[str, list[str]] = defaultdict(list)
        named = [(f"V{number}", variable) for number, variable in enumerate(variables, start=1)]
        for identity, variable in named:
            if variable.question is not None:
                by_section[self.questionnaire.section_of[variable.question.name].name].append(identity)
            if variable.question is not None and variable.form is Form.TICK:
                several[variable.question.name].append(identity)
        for section in self.questionnaire.sections:
            if section.name in by_section:
                group = _add(
                    data, "varGrp", type="section", name=section.name, var=" ".join(by_section[section.name])
                )
                self.say(group, "labl", section.title)
        for question, identities in several.items():
            label = self.questionnaire.questions[question].label
            self.say(
                _add(data, "varGrp", type="multipleResp", name=question, var=" ".join(identities)),
                "labl",
                label,
            )
        tables = {table.question.name: table for table in shown.tables}
        for identity, variable in named:
            table = tables.get(variable.name) if variable.is_answer else None
            self._variable(data, identity, variable, table)

    def _variable(
        self, data: ET.Element, identity: str, variable: Variable, table: QuestionTable | None
    ) -> None:
        is_discrete = bool(variable.categories) or variable.form not in {Form.NUMBER, Form.COMPUTED}
        element = _add(
            data,
            "var",
            ID=identity,
            name=variable.name,
            files="F1",
            intrvl="discrete" if is_discrete else "contin",
        )
        self.say(element, "labl", variable.label)
        question = variable.question
        if question is not None and variable.is_answer:
            self._question(element, question, variable.form)
        if question is not None and question.scale is not None and variable.is_answer:
            scale = question.scale
            _add(_add(element, "valrng"), "range", min=f"{scale.start:g}", max=f"{scale.end:g}", UNITS="REAL")
        if question is not None and question.relevant is not None:
            _add(element, "universe", question.relevant.source)
        if table is not None:
            self._figures(element, table)
        self._categories(element, variable, table)
        kind = "numeric" if variable.is_numeric else "character"
        category = {Form.DATE: "date", Form.DATE_TIME: "date", Form.TIME: "time"}.get(variable.form, "other")
        _add(element, "varFormat", type=kind, category=category)

    def _question(self, element: ET.Element, question: Question, form: Form) -> None:
        asked = _add(element, "qstn", responseDomainType=_DOMAINS[form])
        if question.number:
            asked.set("seqNo", question.number)
        self.say(asked, "qstnLit", question.label)
        if question.hint is not None:
            self.say(asked, "ivuInstr", question.hint)

    def _figures(self, element: ET.Element, table: QuestionTable) -> None:
        figures: dict[str, Any] = {"vald": table.base, "invd": table.skipped}
        if table.statistics is not None:
            figures |= {name: getattr(table.statistics, key) for key, name in _FIGURES.items()}
        for name, value in figures.items():
            if value is not None:
                _add(element, "sumStat", value, type=name)

    def _categories(self, element: ET.Element, variable: Variable, table: QuestionTable | None) -> None:
        counts = {cell.name: cell.count for cell in (table.cells or ())} if table else {}
        languages = {code: self.countries[code] for code in self.round.languages}
        words = {language: variable.words(language, names) for language, names in languages.items()}
        for code in dict.fromkeys([*words[self.round.languages[0]], *counts]):
            category = _add(element, "catgry")
            _add(category, "catValu", code)
            for language, said in words.items():
                if code in said:
                    _add(category, "labl", said[code]).set(_LANGUAGE, language)
            if counts.get(code) is not None:
                _add(category, "catStat", counts[code], type="freq")
