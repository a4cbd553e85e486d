"""Answers as Parquet, for R, Python, DuckDB and whatever reads Arrow."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from bot.flows.rounds import Round
from bot.results.codebook import codebook, codebook_json
from bot.results.frames import as_frame
from bot.results.microdata import Microdata


def write_parquet(
    microdata: Microdata, round_: Round, language: str, countries: Mapping[str, str], path: Path
) -> None:
    """Write the columns of the CSV with types; the codebook is JSON in the file's metadata, as `talanoa`."""
    document = codebook_json(codebook(microdata, round_, language, countries), round_, language)
    as_frame(microdata).data.write_parquet(
        path, metadata={"talanoa": json.dumps(document, ensure_ascii=False)}
    )
