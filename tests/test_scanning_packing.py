"""Documents that unpack to more than they say: what is looked into is bounded whatever it is packed by."""

from __future__ import annotations

import tracemalloc
import zipfile

import pytest

from bot.scanning import can_run
from bot.scanning.packages import MOST_UNPACKED
from tests.support.samples import office, zipped


@pytest.mark.parametrize("packed_by", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("part", ["mimetype", "word/document.xml"])
def test_what_no_document_is_packed_by_is_not_unpacked(packed_by: int, part: str) -> None:
    zeros = bytes(MOST_UNPACKED // 4)
    bomb = zipped({"[Content_Types].xml": "<Types/>", part: zeros}, packed_by)
    within = office({"word/embeddings/table.xlsx": bomb})
    del zeros
    tracemalloc.start()
    try:
        assert can_run(bomb)
        assert can_run(within)
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("packed_by", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_what_documents_are_packed_by_is_kept(packed_by: int) -> None:
    assert not can_run(zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}, packed_by))
