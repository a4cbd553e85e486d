"""The figures of all rounds, and the one document that they come to."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import Any

What = tuple[tuple[str, Any], ...]
FORM = 1
"""Goes up when a key changes its meaning."""
SECTIONS = (
    "ceilings",
    "conversations",
    "growth",
    "steps",
    "lengths",
    "starts",
    "live_sessions",
    "losses",
    "help",
)


@dataclass
class Runs:
    """What was measured, by section and by what it was measured on."""

    figures: dict[str, dict[What, list[dict[str, float]]]] = field(
        default_factory=lambda: {section: {} for section in SECTIONS}
    )

    def add(self, section: str, what: dict[str, Any], figures: dict[str, float]) -> None:
        """The figures of one round."""
        self.figures[section].setdefault(tuple(what.items()), []).append(figures)

    def medians(self, section: str) -> list[dict[str, Any]]:
        """One row for everything measured: what, the median of each figure, and how far the rounds are apart."""
        return [
            {
                **dict(what),
                **{name: _together(name, [one[name] for one in rounds]) for name in rounds[0]},
                "rounds": len(rounds),
                "spread": _spread(rounds),
            }
            for what, rounds in self.figures[section].items()
        ]


def document(
    runs: Runs, machine: dict[str, Any], *, seconds: float, short: bool, left_out: list[str]
) -> dict[str, Any]:
    """Everything, JSON-ready; the keys are documented in `benchmarks/README.md`."""
    sections = {section: runs.medians(section) for section in SECTIONS}
    minimal = max(row["answers_per_second"] for row in sections["ceilings"] if row["work"] == "minimal")
    for row in sections["conversations"]:
        row["of_ceiling"] = round(row["answers_per_second"] / minimal, 2)
    return {
        "form": FORM,
        "short": short,
        "seconds": round(seconds),
        "left_out": left_out,
        "machine": machine,
        **sections,
    }


def errors(found: dict[str, Any]) -> int:
    """How often something was answered wrongly or not at all."""
    return sum(int(row.get("errors", 0)) for section in SECTIONS for row in found[section])


def _spread(rounds: list[dict[str, float]]) -> float:
    """How far the rounds' first figures are apart, as a share of their median."""
    values = [next(iter(one.values())) for one in rounds]
    middle = statistics.median(values)
    return round((max(values) - min(values)) / middle, 2) if middle else 0.0


def _together(name: str, values: list[float]) -> float | int:
    """What the rounds come to: the median, but of errors all."""
    return _rounded(sum(values) if name == "errors" else statistics.median(values))


def _rounded(value: float) -> float | int:
    if isinstance(value, int) or value >= 1000:
        return round(value)
    return float(f"{value:.3g}")
