"""Questionnaires over columns: one assessment per row, one column per item, one score per scale.

The rules are those of `itp_carT.quality_of_life`, and the numbers are the same to the last bit. A
row with a cell that cannot be read has no score at all, and a problem that names the column.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Mapping
from typing import Any

import narwhals.stable.v2 as nw
from attrs import frozen

from itp_carT.errors import NotPermittedError, RecordError, UnknownTermError
from itp_carT.quality_of_life.item import BEST, Best, Item
from itp_carT.quality_of_life.questionnaire import Questionnaire
from itp_carT.quality_of_life.scale import Scale
from itp_carT.quality_of_life.score import Outcome

from . import cleaning
from .engines import lazily, refuse_taken
from .limits import NO, YES

_UNKNOWN = ("unknown", "u", "not assessed", "?")
_ITEM, _TOLD, _COUNT = "_itp_i", "_itp_a", "_itp_n"
_TEXT = nw.String
_FIT = (nw.Int64, nw.Int32)  # whole numbers that can be summed as they are


def scales(
    df: Any,
    questionnaire: Questionnaire,
    *,
    applies: Mapping[str, str] | None = None,
    items: Mapping[str, str] | None = None,
    overwrite: bool = False,
) -> Any:
    r"""Score every row of a wide frame by a questionnaire.

    Parameters
    ----------
    df
        A frame of pandas, Polars (eager or lazy), PyArrow or DuckDB, one assessment per row.
    questionnaire
        E.g. from `itp_carT.quality_of_life.itp_paq.questionnaire`.
    applies
        Scale to the column that says whether it applies to the person: yes, no, or empty where it
        is not known. A scale with a condition and no column is not scored.
    items
        Item to its column; by default the column with the item's name.
    overwrite
        Replace columns that have the names of the results.

    Returns
    -------
    The frame with two columns per scale, named after it: the score [0 to 100], null unless it was
    scored, and ``..._outcome`` (scored, missing, not applicable, data query, or applicability
    unknown); and ``problem``, which names the first cell of the row that cannot be used.

    Raises
    ------
    UnknownTermError
        A column, an item or a scale that is not there.
    RecordError
        A column that has the name of a result, or answers that are text.

    Examples
    --------
    >>> import polars as pl
    >>> from itp_carT.quality_of_life import itp_paq
    >>> made_up = "scale,item,options,best\nA,a1,5,highest\nA,a2,5,lowest\n"
    >>> paq = itp_paq.questionnaire(itp_paq.read_mapping(made_up))
    >>> answers = pl.DataFrame({"a1": [5, 3, None, 9], "a2": [1, None, None, 1]})
    >>> for row in scales(answers, paq).select("A", "A_outcome", "problem").rows():
    ...     print(*row)
    100.0 scored None
    50.0 scored None
    None missing None
    None None a1: none of the 5 options, 1 to 5
    """
    frame = nw.from_native(df)
    schema = cleaning.kinds(frame)
    known = {item.key for item in questionnaire.items}
    names = {item.key: item.key for item in questionnaire.items} | dict(items or {})
    for key in names:
        if key not in known:
            raise _unknown(key, "an item of the questionnaire", known)
    told = dict(applies or {})
    for key in told:
        questionnaire[key]  # refuses a scale that is not there
    for name in (*names.values(), *told.values()):
        if name not in schema:
            raise _unknown(name, "a column of the frame", schema)
    outputs = tuple(n for s in questionnaire.scales for n in (s.key, f"{s.key}_outcome"))
    outputs = (*outputs, "problem")
    kept = refuse_taken(list(schema), outputs, overwrite)
    if both := {*names.values(), *told.values()} & {*outputs}:
        raise NotPermittedError(
            f'column "{min(both)}" is read and would be replaced: rename it', given=min(both)
        )
    plan = _Plan(questionnaire, names, told, schema)
    collect = lazily(frame)
    frame = frame.lazy() if collect else frame
    if made := plan.answers() | plan.applicability():
        frame = cleaning.numbers(frame, made)
    frame = frame.with_columns(
        **plan.counts(), problem=plan.problem(anything=_any_bad(frame, plan))
    )
    states = {f"{s.key}_outcome": plan.outcome(s) for s in questionnaire.scales}
    frame = frame.with_columns(**states)
    scores = {scale.key: plan.score(scale) for scale in questionnaire.scales}
    frame = frame.with_columns(**scores).select(*kept, *outputs)
    return (frame.collect() if collect else frame).to_native()


def _unknown(name: Any, what: str, there: Iterable[str]) -> UnknownTermError:
    words = tuple(there)
    return UnknownTermError(
        f'"{name}" is not {what}: it has {", ".join(words)}', given=name, nearest=words
    )


def _any_bad(frame: Any, plan: _Plan) -> bool:
    """Say whether any row may have a problem; a lazy frame is not asked."""
    if not isinstance(frame, nw.DataFrame):
        return True
    return bool(frame.select(bad=plan.bad().any())["bad"].to_list()[0])


@frozen
class _Plan:
    """The expressions of a questionnaire over the columns of one frame."""

    questionnaire: Questionnaire
    names: Mapping[str, str]
    told: Mapping[str, str]
    schema: Mapping[str, Any]

    # --- reading ----------------------------------------------------------------------------------

    def answers(self) -> dict[str, nw.Expr]:
        """Return each item's answers as numbers, null where there is none."""
        return {
            self.column(item): self._answer(self.names[item.key])
            for item in self.items
            if self.column(item) != self.names[item.key]
        }

    @property
    def items(self) -> tuple[Item, ...]:
        """Every item, each once."""
        return self.questionnaire.items

    def column(self, item: Item) -> str:
        """Return the name of the column that holds an item's answers as numbers."""
        name = self.names[item.key]
        return name if self.schema[name] in _FIT else f"{_ITEM}{self.items.index(item)}"

    def _answer(self, name: str) -> nw.Expr:
        kind = self.schema[name]
        if kind.is_integer():
            return nw.col(name).cast(nw.Int64)
        if not (kind.is_numeric() or kind in (nw.Unknown, nw.Object)):
            raise RecordError(
                f'column "{name}" holds {kind}, not numbers: convert it, and leave null what was '
                "not answered",
                column=name,
            )
        number = nw.col(name).cast(nw.Float64)
        return nw.when(~number.is_nan()).then(number)

    def applicability(self) -> dict[str, nw.Expr]:
        """Return whether each scale with a column applies: yes, no, absent or unreadable."""
        found = {}
        for key, name in self.told.items():
            state = cleaning.answer(name, self.schema)
            if self.schema[name] in (nw.String, nw.Object, nw.Unknown):
                word = cleaning.text(name, self.schema).str.strip_chars().str.to_lowercase()
                unsaid = word.is_in(list(_UNKNOWN))
                state = nw.when(unsaid).then(nw.lit(cleaning.ABSENT)).otherwise(state)
            found[self._stated(key)] = state.cast(nw.Int8)
        return found

    def _stated(self, key: str) -> str:
        return f"{_TOLD}{[scale.key for scale in self.questionnaire.scales].index(key)}"

    def _is(self, scale: Scale, state: int) -> nw.Expr | None:
        """Say where a scale is stated to apply, or not to; None when no column says so."""
        if scale.key not in self.told:
            return None
        return nw.col(self._stated(scale.key)) == state

    def _not_applicable(self, scale: Scale) -> nw.Expr | None:
        whole = self.questionnaire[scale.part_of] if scale.part_of else None
        parts = [self._is(one, NO) for one in (scale, whole) if one is not None]
        return _any(part for part in parts if part is not None)

    # --- what cannot be used ----------------------------------------------------------------------

    def _wrong(self, item: Item) -> nw.Expr:
        value = nw.col(self.column(item))
        wrong = (value < item.first) | (value > item.last)
        if not self.schema[self.names[item.key]].is_integer():
            wrong = wrong | (~value.is_null() & (value % 1 != 0))
        return wrong

    def _checks(self) -> list[tuple[str, nw.Expr]]:
        found = []
        for item in self.items:
            options = f"{item.options} options, {item.first} to {item.last}"
            found.append((f"{self.names[item.key]}: none of the {options}", self._wrong(item)))
        for key, name in self.told.items():
            unreadable = nw.col(self._stated(key)) == cleaning.UNREADABLE
            found.append((f"{name}: write yes or no", unreadable))
        for scale in self.questionnaire.scales:
            yes = self._is(scale, YES)
            whole = self._is(self.questionnaire[scale.part_of], NO) if scale.part_of else None
            if yes is not None and whole is not None:
                text = f"{self.told[scale.key]}: cannot apply where {scale.part_of} does not"
                found.append((text, yes & whole))
        return found

    def bad(self) -> nw.Expr:
        """Say where a row has a problem; null is none. Items alike are judged together."""
        alike: dict[tuple[int, int, bool], list[str]] = {}
        for item in self.items:
            whole = self.schema[self.names[item.key]].is_integer()
            alike.setdefault((item.first, item.last, whole), []).append(self.column(item))
        tests = []
        for (first, last, whole), columns in alike.items():
            tests += [nw.min_horizontal(*columns) < first, nw.max_horizontal(*columns) > last]
            if not whole:
                tests += [~nw.col(c).is_null() & (nw.col(c) % 1 != 0) for c in columns]
        tests += [test for _, test in self._checks()[len(self.items) :]]
        known = (nw.when(~one.is_null()).then(one).otherwise(nw.lit(False)) for one in tests)
        return functools.reduce(nw.Expr.__or__, known)

    def problem(self, *, anything: bool) -> nw.Expr:
        """Return the first problem of each row in words, null where there is none."""
        text: nw.Expr = nw.lit(None, dtype=_TEXT)
        for words, wrong in reversed(self._checks() if anything else []):
            text = nw.when(wrong).then(nw.lit(words)).otherwise(text)
        return text

    # --- scoring ----------------------------------------------------------------------------------

    def counts(self) -> dict[str, nw.Expr]:
        """Return how many items were answered, for each group of items that are summed alike."""
        return {
            self._group(scale, at): _answered(columns)
            for scale in self.questionnaire.scales
            for at, columns in enumerate(self._alike(scale).values())
        }

    def _group(self, scale: Scale, at: int) -> str:
        return f"{_COUNT}{self.questionnaire.scales.index(scale)}_{at}"

    def _alike(self, scale: Scale) -> dict[tuple[int, Best, int], list[str]]:
        """Return the columns of a scale by weight, best end, and the code that gives 0 points."""
        alike: dict[tuple[int, Best, int], list[str]] = {}
        for item in scale.items:
            weight = _unit(scale) // (item.options - 1)
            zero = item.first if item.best is Best.HIGHEST else item.last
            alike.setdefault((weight, item.best, zero), []).append(self.column(item))
        return alike

    def _count(self, scale: Scale) -> nw.Expr:
        groups = (nw.col(self._group(scale, at)) for at in range(len(self._alike(scale))))
        return functools.reduce(nw.Expr.__add__, groups)

    def _points(self, scale: Scale) -> nw.Expr:
        """Return the sum of the points times `_unit`: whole numbers, so that nothing is lost."""
        parts = []
        for at, ((weight, best, zero), columns) in enumerate(self._alike(scale).items()):
            codes, origin = nw.sum_horizontal(*columns), zero * nw.col(self._group(scale, at))
            steps = codes - origin if best is Best.HIGHEST else origin - codes
            parts.append(steps * weight if weight != 1 else steps)
        return functools.reduce(nw.Expr.__add__, parts)

    def outcome(self, scale: Scale) -> nw.Expr:
        """Return what became of a scale, in the order in which the scalar reader asks."""
        count = self._count(scale)
        scored, missing = (nw.lit(kind.label) for kind in (Outcome.SCORED, Outcome.MISSING))
        found: Any = nw.when(count >= scale.needed).then(scored).otherwise(missing)
        if scale.condition:
            yes = self._is(scale, YES)
            unknown = nw.lit(Outcome.UNKNOWN.label)
            found = unknown if yes is None else nw.when(yes).then(found).otherwise(unknown)
        query = nw.lit(Outcome.QUERY.label)
        if (out_of_place := self._out_of_place(scale)) is not None:
            found = nw.when(out_of_place).then(query).otherwise(found)
        if (without := self._not_applicable(scale)) is not None:
            none = nw.when(count > 0).then(query).otherwise(nw.lit(Outcome.NOT_APPLICABLE.label))
            found = nw.when(without).then(none).otherwise(found)
        return nw.when(nw.col("problem").is_null()).then(found)

    def _out_of_place(self, scale: Scale) -> nw.Expr | None:
        tests = []
        for part in self.questionnaire.scales:
            without = self._not_applicable(part) if part.part_of == scale.key else None
            if without is not None:
                tests.append(without & (self._count(part) > 0))
        return _any(tests)

    def score(self, scale: Scale) -> nw.Expr:
        """Return the score: one division of whole numbers, as exact as a float can be."""
        scored = nw.col(f"{scale.key}_outcome") == Outcome.SCORED.label
        points = (self._points(scale) * BEST).cast(nw.Float64)
        among = (self._count(scale) * _unit(scale)).cast(nw.Float64)
        return nw.when(scored).then(points / among)


def _unit(scale: Scale) -> int:
    return math.lcm(*(item.options - 1 for item in scale.items))


def _answered(columns: list[str]) -> nw.Expr:
    return nw.sum_horizontal(*((~nw.col(name).is_null()).cast(nw.Int64) for name in columns))


def _any(tests: Iterable[nw.Expr]) -> nw.Expr | None:
    found = list(tests)
    return functools.reduce(nw.Expr.__or__, found) if found else None


__all__ = ["scales"]
