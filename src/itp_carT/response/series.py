"""The series a course is assessed from: one visit a day, in order, with baseline and bleeding.

Counts come in any order, with dates or days; here they become days from the infusion, one visit
each, and what cannot be true of one patient is refused by name.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from operator import itemgetter

from itp_carT.bleeding_diary import Diary
from itp_carT.days import calendar_date
from itp_carT.errors import ItpCarTError, MissingFactError, RecordError
from itp_carT.notation import equal
from itp_carT.observations import Lab
from itp_carT.units import Quantity

from .criteria import Options
from .records import Count, Day, Medication, day_number
from .walk import Walk

Dated = list[tuple[int, Count]]

#: The flag of a course with such a count.
BELOW_LIMIT = "a count below the reporting limit counts as the limit"


def dated_counts(
    counts: Iterable[Count | Lab], options: Options, zero: date | None, patient: str | None
) -> Dated:
    """Return the counts with their days from the infusion, in order, one count a day."""
    found = [
        (count.on if type(count.on) is int else day_number(count.on, zero), count)
        for item in counts
        for count in (item if isinstance(item, Count) else _count_of(item),)
    ]
    found.sort(key=itemgetter(0))  # stable: counts of one day stay as they were given
    if len({day for day, _ in found}) == len(found):
        return found
    merged: dict[int, Count] = {}
    for day, count in found:
        other = merged.get(day)
        merged[day] = count if other is None else _merged(other, count, day, options, patient)
    return list(merged.items())


def _count_of(item: Lab) -> Count:
    if item.on is None:
        raise MissingFactError(f"{item!r} has no day: give on=", field="on")
    return Count(item.on, item.value)


def _merged(one: Count, other: Count, day: int, options: Options, patient: str | None) -> Count:
    """Merge two counts of one day; bleeding seen by either is bleeding."""
    reports = (one.bleeding, other.bleeding)
    bled = True if True in reports else False if False in reports else None
    if one.number is None or other.number is None or equal(one.number, other.number):
        # of two equal counts, the one without a sign is the count
        kept = other if one.number is None or (one.below_limit and other.number) else one
    elif options.same_day == "refuse":
        raise RecordError(
            f"two different counts on {other.on}: {one.platelets} and {other.platelets}; keep one, "
            'or choose same_day="lowest", "highest" or "last"',
            field="platelets",
            given=(str(one.platelets), str(other.platelets)),
            patient=patient,
            day=day,
        )
    elif options.same_day == "last":
        kept = other
    else:
        low, high = sorted((one, other), key=lambda count: count.number or 0.0)
        kept = low if options.same_day == "lowest" else high
    return kept.with_bleeding(bled)


def check_order(
    dated: Dated,
    *,
    zero: date | None,
    diagnosed: date | str | None,
    died_on: Day | None,
    patient: str | None,
) -> None:
    """Refuse a count before the diagnosis or after death, naming patient, day and field."""
    first = None if diagnosed is None else calendar_date(diagnosed, "diagnosed")
    if first is not None and zero is None:
        raise MissingFactError(
            "the day of the diagnosis is a date: give treated_on to compare days with it",
            field="treated_on",
        )
    died = None if died_on is None else day_of(died_on, "died_on", zero)
    if first is not None and zero is not None and zero < first:
        raise RecordError(
            f"the infusion on {zero} is before the diagnosis on {first}",
            field="treated_on", given=str(zero), patient=patient, day=0,
        )  # fmt: skip
    for day, count in dated:
        if first is not None and zero is not None and zero + timedelta(day) < first:
            raise RecordError(
                f"the count on {count.on} is before the diagnosis on {first}",
                field="platelets", given=str(count.on), patient=patient, day=day,
            )  # fmt: skip
        if died is not None and day > died:
            raise RecordError(
                f"the count on {count.on} is after death on {died_on}",
                field="platelets", given=str(count.on), patient=patient, day=day,
            )  # fmt: skip


def day_of(given: Day, name: str, zero: date | None) -> int:
    """Return days from the infusion of a day in any of its forms."""
    return day_number(given if isinstance(given, int) else calendar_date(given, name), zero)


def baseline_of(dated: Dated, walk: Walk, given: str | Quantity | None) -> Count | None:
    """Return the baseline count [10^9/L]: the one given, or the last one the options accept."""
    if given is not None:
        try:
            return Count(0, given)
        except ItpCarTError as error:
            raise error.about("baseline") from None
    rule, first = walk.options.baseline, walk.options.conditioning_day
    last = -1 if rule == "before infusion" else first
    found = [
        count
        for day, count in dated
        if day <= last and count.number is not None and (rule == "any" or not walk.masked(day))
    ]
    return found[-1] if found else None


def with_diary(
    dated: Dated, diary: Diary | None, options: Options, zero: date | None
) -> list[tuple[int, Count, bool | None]]:
    """Give each visit its bleeding since the visit before: its own statement, or the diary's.

    Bleeding that the diary reports after the last count is a visit of its own.
    """
    if diary is None or not len(diary):
        return [(day, count, count.bleeding) for day, count in dated]
    in_days = isinstance(diary.assessments[0].on, int)
    if not in_days and zero is None:
        raise MissingFactError(
            "the bleeding diary has dates: give treated_on, the day of the infusion",
            field="treated_on",
        )

    def written(day: int) -> int | date:
        return day if in_days or zero is None else zero + timedelta(day)

    found: list[tuple[int, Count, bool | None]] = []
    previous: int | None = None
    for day, count in dated:
        bled = count.bleeding
        if bled is None:
            after = None if previous is None else written(previous)
            bled = diary.bleeding(after, written(day), every_cause=options.every_cause)
        found.append((day, count, bled))
        previous = day
    bled_on = {
        day_number(item.on, zero) for item in diary if item.counts(every_cause=options.every_cause)
    }
    later = sorted(day for day in bled_on if previous is None or day > previous)
    return found + [(day, Count(day), True) for day in later]


def on_treatment(drugs: tuple[Medication, ...], day: int, zero: date | None) -> bool:
    """Say whether any of the drugs was taken on a day."""
    for drug in drugs:
        begun = drug.start is None or day_number(drug.start, zero) <= day
        if begun and (drug.end is None or day_number(drug.end, zero) >= day):
            return True
    return False
