"""The files in which texts go to a translator and come back: gettext's PO, and a workbook."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, read_po, write_po

from bot.authoring.problems import Place, Problems, did_you_mean, shown
from bot.authoring.reading import bytes_of
from bot.authoring.rows import Returned, Row
from bot.authoring.states import TextState
from bot.authoring.written import Written
from bot.i18n.tags import Tag

MOST_BYTES = 10_000_000
SHEET = "translation"
COLUMNS = ("path", "what", "base", "translation", "state")
_WIDTHS = (34, 44, 60, 60, 10)
_STATES = (*TextState, "changed")
_HEADER = """\
msgid ""
msgstr ""
"Project-Id-Version: {name}\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def to_po(rows: Iterable[Row], name: str, language: str) -> bytes:
    """A PO file: the context is the text's path, and what is fuzzy is a draft."""
    catalog = Catalog(charset="utf-8")
    for row in rows:
        flags = ("fuzzy",) if row.translation and row.state != TextState.REVIEWED else ()
        changed = ("The text was another one when it was translated.",) if row.state == "changed" else ()
        message = catalog.add(
            row.base,
            row.translation,
            context=row.path,
            auto_comments=(*row.what, *changed),
            flags=flags,
        )
        message.flags.intersection_update({"fuzzy"})  # `5% of` is no format
    data = io.BytesIO()
    write_po(data, catalog, width=0, omit_header=True)
    return _HEADER.format(name=name, language=language.replace("-", "_")).encode() + data.getvalue()


def from_po(path: Path, language: str, problems: Problems) -> list[Returned]:
    """What a PO file holds; with a problem for what it is not."""
    file = str(path)
    data = bytes_of(path, MOST_BYTES, problems, "Leave out the rest.")
    if data is None:
        return []
    try:
        catalog = read_po(io.StringIO(data.decode("utf-8-sig")), abort_invalid=True)
    except PoFileError as error:
        message = f"This is not PO: {str(error).rpartition(' on ')[0]}."
        problems.error(Place(file, error.lineno + 1), "", message, "Export it again from the program.")
        return []
    except (ValueError, LookupError, AttributeError) as error:
        message = f"This is not PO: {shown(str(error))}."
        problems.error(Place(file), "", message, "Save it as PO in UTF-8.")
        return []
    said = Tag.read((catalog.locale_identifier or language).replace("_", "-"))
    if said is None or said.language != language.partition("-")[0]:
        message = f"The file says that its language is `{shown(str(catalog.locale_identifier))}`."
        problems.error(
            Place(file), "language", message, f"Give the file for `{language}`, or another --language."
        )
    return list(_messages(catalog, file, problems))


def _messages(catalog: Catalog, file: str, problems: Problems) -> Iterator[Returned]:
    for message in catalog:
        if not message.id:
            continue
        place = Place(file, message.lineno or 0)
        words, string = message.id, message.string or ""
        if not (message.context and isinstance(words, str) and isinstance(string, str)):
            text = "The message has no context, so nobody knows which text it is."
            remedy = "Keep `msgctxt` as it was exported, and add no plural."
            problems.error(place, "", text, remedy)
            continue
        state = TextState.DRAFT if message.fuzzy else TextState.REVIEWED
        yield Returned(Written(message.context, place), _plain(words), _translation(string, place), state)


def to_workbook(rows: Iterable[Row]) -> bytes:
    """A workbook with a row for each text."""
    from openpyxl import Workbook  # noqa: PLC0415 (a quarter of a second to import)
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    from bot.spreadsheets import text_cell  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet(SHEET)
    sheet.freeze_panes = "A2"
    for number, width in enumerate(_WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    for row in (COLUMNS, *((r.path, " ".join(r.what), r.base, r.translation, r.state) for r in rows)):
        cells = [text_cell(sheet, text) for text in row]
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=row is COLUMNS)
        sheet.append(cells)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def from_workbook(path: Path, problems: Problems) -> list[Returned]:
    """What a workbook holds; with a problem for what it is not."""
    from bot.authoring.xlsform.workbook import read_workbook  # noqa: PLC0415 (half a second to import)

    workbook = read_workbook(path, problems)
    if workbook is None:
        return []
    if len(workbook.sheets) != 1:
        problems.error(Place(str(path)), "", "There is not one sheet.", "Keep the one that was exported.")
        return []
    [sheet] = workbook.sheets.values()
    headers = [header for header, _ in sheet.headers]
    for column in ("path", "base", "translation"):
        if column not in headers:
            message = f"There is no column `{column}`."
            remedy = did_you_mean(column, headers, "Keep the first row as it was exported.")
            problems.error(Place(str(path), 1, 1, SHEET), "", message, remedy)
            return []
    columns = dict(sheet.headers)
    found = []
    for number, cells in sheet.cells():
        place = Place(str(path), number, columns["translation"], SHEET)
        key, base, state = (cells[name].text if name in cells else "" for name in ("path", "base", "state"))
        translated = cells["translation"].text if "translation" in cells else ""
        if state and state not in _STATES:
            message = f"`{shown(state)}` is no state of a text."
            at = Place(str(path), number, columns["state"], SHEET)
            problems.error(at, key, message, f"Write one of {', '.join(_STATES)}.")
        read = TextState.REVIEWED if state == TextState.REVIEWED else TextState.DRAFT
        found.append(Returned(Written(key, place), _plain(base), _translation(translated, place), read))
    return found


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _translation(text: str, place: Place) -> Written | None:
    return Written(_plain(text), place) if text.strip() else None
