"""The working of a result: each step with its formula, the numbers put in, and its source."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from .notation import plain
from .sources import Citation
from .units import Quantity, value_in


@frozen
class Step:
    """One step of a calculation, as a second checker would read it.

    Parameters
    ----------
    what
        What this step finds, e.g. ``"body surface area"``.
    formula
        The formula in symbols; for an input, where it comes from.
    substituted
        The formula with the numbers put in, with their units; empty for an input.
    result
        The value found, with its unit.
    citation
        The rule behind the step; None for an input or plain arithmetic.
    note
        What a reader must know, e.g. that a cap applied.

    Examples
    --------
    >>> print(Step("daily dose", "dose per area × BSA", "30 mg/m² × 1.6432 m²", "49.295 mg"))
    daily dose = dose per area × BSA = 30 mg/m² × 1.6432 m² = 49.295 mg
    """

    what: str
    formula: str
    substituted: str
    result: str
    citation: Citation | None = None
    note: str = ""

    def __str__(self) -> str:
        parts = [self.what, self.formula, self.substituted, self.result]
        text = " = ".join(part for part in parts if part)
        source = f"  [{self.citation}]" if self.citation else ""
        return text + (f"; {self.note}" if self.note else "") + source


def given(what: str, value: Quantity | None, unit: str) -> Step:
    """Make the step of a measured input [``unit``, the one that the formula takes].

    Examples
    --------
    >>> print(given("weight W", Quantity("150 lb"), "kg"))
    weight W = 150 lb = 68.0388555 kg
    """
    if value is None:
        return Step(what, "", "", "not known")
    used = f"{plain(value_in(value, unit))} {unit}"
    return Step(what, "" if str(value) == used else str(value), "", used)


@frozen
class Working:
    """The steps of a result, in order; printing it gives the sheet for the second check."""

    steps: tuple[Step, ...]

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    def __getitem__(self, index: int) -> Step:
        return self.steps[index]

    @property
    def sources(self) -> tuple[Citation, ...]:
        """The citations behind the steps, each once, in order."""
        return tuple(dict.fromkeys(step.citation for step in self.steps if step.citation))

    @property
    def unverified(self) -> tuple[Citation, ...]:
        """Those citations whose fact was not confirmed in an opened source."""
        return tuple(citation for citation in self.sources if not citation.verified)

    def __str__(self) -> str:
        return "\n".join(str(step) for step in self.steps)
