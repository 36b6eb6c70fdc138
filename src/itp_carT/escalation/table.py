"""A decision table: for every number treated and every number of toxicities, one action.

A table is a value: it can be printed, compared, written to CSV and read back, also a site's own.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from enum import Enum
from fractions import Fraction
from typing import Any

from attrs import field, frozen

from itp_carT.errors import ImpossibleError, NotationError, UnknownTermError
from itp_carT.sources import Citation

#: Most patients at one level of a table that is read.
LARGEST = 1000


class Action(Enum):
    """What to do after a cohort."""

    E = "escalate"
    S = "stay"
    D = "de-escalate"
    DU = "de-escalate and eliminate this and higher levels"

    @property
    def label(self) -> str:
        """The action in words."""
        return self.value


def whole(given: Any, name: str, *, least: int = 0) -> int:
    """Return a whole number of patients or toxicities.

    Raises
    ------
    NotationError
        Not a whole number.
    ImpossibleError
        Below the least possible.
    """
    if isinstance(given, bool) or not isinstance(given, int):
        raise NotationError(f"{given!r} is not a whole number", field=name, given=given)
    if given < least:
        raise ImpossibleError(f"{given} is below {least}", field=name, given=given)
    return given


def share(given: Any, name: str) -> Fraction:
    """Return a probability strictly between 0 and 1, exactly as it is written.

    Raises
    ------
    NotationError, ImpossibleError
        Not a number, or not between 0 and 1.
    """
    try:
        value = Fraction(str(given))
    except (ValueError, TypeError, OverflowError):
        raise NotationError(
            f"{given!r} is not a probability: write e.g. 0.30", field=name, given=given
        ) from None
    if not 0 < value < 1:
        hint = f": write {float(value) / 100:g} for {float(value):g} %" if value > 1 else ""
        raise ImpossibleError(f"{given} is not between 0 and 1{hint}", field=name, given=given)
    return value


def _to_rows(given: Any) -> tuple[tuple[Action | None, ...], ...]:
    return tuple(tuple(row) for row in given)


@frozen
class DecisionTable:
    """Actions by number treated (rows, from 1) and number of dose-limiting toxicities (from 0).

    Parameters
    ----------
    name
        Name of the design, e.g. ``"BOIN"``.
    target
        Target probability of dose-limiting toxicity; None where the design has none (3+3).
    actions
        ``actions[n - 1][x]``; None where the design says nothing of that number treated.
    source
        Where the rule is published.
    rule
        The rule in words.

    Examples
    --------
    >>> from itp_carT.escalation.designs import boin
    >>> boin(0.30, largest=12).action(treated=3, dlt=1).label
    'stay'
    """

    name: str
    target: Fraction | None
    actions: tuple[tuple[Action | None, ...], ...] = field(converter=_to_rows)
    source: Citation = field(kw_only=True)
    rule: str = field(default="", kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not self.known:
            raise ImpossibleError(
                "a decision table needs an action for some number treated", field="actions"
            )
        for treated, row in enumerate(self.actions, start=1):
            if len(row) != treated + 1:
                raise ImpossibleError(
                    f"{treated} treated need {treated + 1} actions, not {len(row)}",
                    field="actions",
                    given=row,
                )
            if None in row and any(row):
                raise ImpossibleError(
                    f"with {treated} treated there is no action for {row.index(None)} toxicities",
                    field="actions",
                    given=tuple(action and action.name for action in row),
                )
            self._check_order(treated, row)

    def _check_order(self, treated: int, row: tuple[Action | None, ...]) -> None:
        order = [list(Action).index(action) for action in row if action is not None]
        if order != sorted(order):
            raise ImpossibleError(
                f"with {treated} treated, more toxicities lead to a milder action",
                field="actions",
                given=tuple(action and action.name for action in row),
            )

    @property
    def largest(self) -> int:
        """Largest number treated at one level that the table knows."""
        return len(self.actions)

    @property
    def known(self) -> tuple[int, ...]:
        """Numbers treated for which the table has actions."""
        return tuple(n for n, row in enumerate(self.actions, start=1) if any(row))

    @property
    def by_threes(self) -> bool:
        """Whether it is walked as 3+3: no target, and actions after 3 and 6 patients only."""
        return self.target is None and self.known == (3, 6)

    def action(self, *, treated: int, dlt: int) -> Action:
        """Return the action after ``dlt`` of ``treated`` patients had a toxicity.

        Raises
        ------
        ImpossibleError
            More toxicities than patients.
        UnknownTermError
            A number treated that the table does not know.
        """
        treated = whole(treated, "treated", least=1)
        dlt = whole(dlt, "dlt")
        if dlt > treated:
            raise ImpossibleError(
                f"{dlt} toxicities in {treated} patients", field="dlt", given=(dlt, treated)
            )
        found = self.actions[treated - 1][dlt] if treated <= self.largest else None
        if found is None:
            known = tuple(str(n) for n in self.known)
            raise UnknownTermError(
                f"{self.name} has no rule for {treated} treated: it has one for {', '.join(known)}",
                field="treated",
                given=treated,
                nearest=known,
            )
        return found

    def boundaries(self, treated: int) -> dict[Action, int | None]:
        """Return escalate-if-at-most, de-escalate-if-at-least, eliminate-if-at-least."""
        row = self.actions[whole(treated, "treated", least=1) - 1]
        escalate = [dlt for dlt, action in enumerate(row) if action is Action.E]
        down = [dlt for dlt, action in enumerate(row) if action in (Action.D, Action.DU)]
        out = [dlt for dlt, action in enumerate(row) if action is Action.DU]
        return {
            Action.E: max(escalate, default=None),
            Action.D: min(down, default=None),
            Action.DU: min(out, default=None),
        }

    def differences(self, other: DecisionTable) -> tuple[tuple[int, int, str, str], ...]:
        """Return (treated, dlt, action here, action there) wherever two tables disagree.

        Numbers treated that only one of them knows are not compared.
        """
        both = sorted({*self.known} & {*other.known})
        return tuple(
            (treated, dlt, mine.name, theirs.name)
            for treated in both
            for dlt in range(treated + 1)
            for mine in [self.action(treated=treated, dlt=dlt)]
            for theirs in [other.action(treated=treated, dlt=dlt)]
            if mine is not theirs
        )

    def to_csv(self) -> str:
        """Write the table as CSV text: treated, dlt, action."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("treated", "dlt", "action"))
        writer.writerows(self._cells())
        return out.getvalue()

    def _cells(self) -> Iterator[tuple[int, int, str]]:
        for treated, row in enumerate(self.actions, start=1):
            for dlt, action in enumerate(row):
                yield treated, dlt, _name(action)

    def __str__(self) -> str:
        bounds = [self.boundaries(n) for n in self.known]
        lines = [["patients treated", *(str(n) for n in self.known)]]
        for label, action in (
            ("escalate if DLT ≤", Action.E),
            ("de-escalate if DLT ≥", Action.D),
            ("eliminate if DLT ≥", Action.DU),
        ):
            cells = ["-" if bound[action] is None else str(bound[action]) for bound in bounds]
            lines.append([label, *cells])
        widths = [max(len(line[at]) for line in lines) for at in range(len(self.known) + 1)]
        target = "" if self.target is None else f", target {float(self.target):g}"
        body = (
            "  ".join(
                [line[0].ljust(widths[0])]
                + [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
            )
            for line in lines
        )
        return "\n".join([f"{self.name}{target} ({self.source})", *body])


def _name(action: Action | None) -> str:
    return "" if action is None else action.name


def from_csv(
    text: str,
    *,
    name: str,
    source: Citation,
    target: float | Fraction | str | None = None,
    rule: str = "",
) -> DecisionTable:
    """Read a decision table, e.g. a site's own, from CSV text with treated, dlt and action.

    Parameters
    ----------
    text
        One line per number treated and number of toxicities; the action is E, S, D or DU, and
        empty for every line of a number treated that has no rule.
    name, source, target, rule
        As in `DecisionTable`; a table without a target cannot select a level at the end.

    Raises
    ------
    NotationError
        A line that cannot be read, or the second of its kind; names the line.
    ImpossibleError
        More toxicities than patients, an action that is missing, or a milder action after more
        toxicities.
    """
    found: dict[int, dict[int, Action | None]] = {}
    for line, row in enumerate(csv.DictReader(io.StringIO(text)), start=2):
        treated, dlt, action = _cell(row, line)
        if dlt in found.setdefault(treated, {}):
            raise NotationError(
                f"line {line} is the second for {dlt} of {treated}: keep one",
                field="action",
                given=dict(row),
                row=line,
            )
        found[treated][dlt] = action
    rows = [
        [found.get(treated, {}).get(dlt) for dlt in range(treated + 1)]
        for treated in range(1, max(found, default=0) + 1)
    ]
    aimed = None if target is None else share(target, "target")
    return DecisionTable(name, aimed, rows, source=source, rule=rule)


def _cell(row: dict[str, Any], line: int) -> tuple[int, int, Action | None]:
    try:
        treated, dlt = int(row["treated"]), int(row["dlt"])
        word = (row["action"] or "").strip().upper()
        action = Action[word] if word else None
    except (KeyError, ValueError, TypeError):
        raise NotationError(
            f"line {line} is not a row of treated, dlt and action (E, S, D or DU)",
            field="action",
            given=dict(row),
            row=line,
        ) from None
    if not 0 <= dlt <= treated or not 1 <= treated <= LARGEST:
        raise ImpossibleError(
            f"line {line}: {dlt} toxicities in {treated} patients", field="dlt", given=dict(row)
        )
    return treated, dlt, action
