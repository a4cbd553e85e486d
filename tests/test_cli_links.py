"""Links as pictures, whatever their sources are called."""

from __future__ import annotations

from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from tests.support.botapi import BotApi
from tests.support.commands import Talanoa


def test_a_source_that_is_called_telegram(ferry: Talanoa, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALANOA_PUBLIC_URL", "https://example.org/")
    with BotApi.start() as api:
        monkeypatch.setenv("TALANOA_TELEGRAM_TOKEN", api.token)
        monkeypatch.setenv("TALANOA_TELEGRAM_API_URL", api.url)
        done = ferry("round", "links", "ferry", "--source", "telegram", "--qr", "posters")
    assert (done.status, done.err) == (0, "8 files written to posters\n")
    found = {
        picture.stem: zxingcpp.read_barcodes(Image.open(picture).convert("L"))[0].text
        for picture in Path("posters").glob("*.png")
    }
    assert found == {
        "ferry": "https://example.org/c/ferry",
        "ferry.telegram": "https://t.me/talanoa_bot?start=ferry",
        "ferry-telegram": "https://example.org/c/ferry-telegram",
        "ferry-telegram-telegram": "https://t.me/talanoa_bot?start=ferry-telegram",
    }
