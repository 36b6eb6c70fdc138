"""A questionnaire: its scales, their minimal important differences, and the scoring of a person.

Which scales apply is told with the answers. There is no total: no sum over scales is made here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import field, frozen

from itp_carT.errors import ImpossibleError, NotationError, UnknownTermError
from itp_carT.notation import show
from itp_carT.points import Truth

from .item import WORDS, Item
from .profile import Change, Mid, Profile, change
from .scale import Scale


def _scales(_: Any, __: Any, scales: tuple[Scale, ...]) -> None:
    keys = [scale.key for scale in scales]
    if not keys:
        raise ImpossibleError("a questionnaire needs at least one scale", field="scales")
    items: dict[str, Item] = {}
    for scale in scales:
        if keys.count(scale.key) > 1:
            raise ImpossibleError(f'scale "{scale.key}" is there twice', field="scales")
        if scale.part_of and scale.part_of not in keys:
            raise UnknownTermError(
                f'"{scale.key}" is a part of "{scale.part_of}", which is not there',
                field="scales", given=scale.part_of, nearest=tuple(keys),
            )  # fmt: skip
        for item in scale.items:
            if items.setdefault(item.key, item) != item:
                raise ImpossibleError(
                    f'item "{item.key}" has other options in another scale', field="scales"
                )
    whole = {scale.key: {item.key for item in scale.items} for scale in scales}
    for scale in scales:
        if scale.part_of and not whole[scale.key] <= whole[scale.part_of]:
            raise ImpossibleError(
                f'"{scale.key}" has items that "{scale.part_of}" has not', field="scales"
            )


def _to_scales(given: Iterable[Scale]) -> tuple[Scale, ...]:
    return tuple(given)


def _mids(given: Mapping[str, Mid]) -> tuple[tuple[str, Mid], ...]:
    return tuple(dict(given).items())


@frozen
class Questionnaire:
    """A questionnaire as data: scales, and their published differences where there are any.

    Parameters
    ----------
    name
        Its name.
    scales
        In the order in which they are reported; a part names the scale it belongs to.
    mids
        Minimal important differences by scale; a scale that is not named has none here.

    Examples
    --------
    >>> from itp_carT.sources import ITP_CART_CONVENTIONS
    >>> items = [Item(f"F{number}", 5, "lowest") for number in range(1, 5)]
    >>> made_up = Questionnaire(
    ...     "made up", [Scale("F", "fatigue", items, source=ITP_CART_CONVENTIONS.at("example"))]
    ... )
    >>> print(made_up.score({"F1": 1, "F2": 4, "F3": 3, "F4": 5}, patient="synthetic"))
    synthetic
    F 43.75
    """

    name: str = field(validator=WORDS)
    scales: tuple[Scale, ...] = field(converter=_to_scales, validator=_scales)
    mids: tuple[tuple[str, Mid], ...] = field(default=(), kw_only=True, converter=_mids)

    def __getitem__(self, key: str) -> Scale:
        for scale in self.scales:
            if scale.key == key:
                return scale
        raise self._unknown(key, "scale")

    @property
    def items(self) -> tuple[Item, ...]:
        """Every item, each once."""
        found = {item.key: item for scale in self.scales for item in scale.items}
        return tuple(found.values())

    def mid(self, key: str) -> Mid | None:
        """Return the minimal important difference of a scale; None when nobody looked for it.

        Raises
        ------
        UnknownTermError
            No such scale.
        """
        return dict(self.mids).get(self[key].key)

    def score(
        self,
        answers: Mapping[str, Any],
        *,
        applies: Mapping[str, Truth] | None = None,
        patient: str = "",
        visit: str = "",
    ) -> Profile:
        """Score every scale from the answers of one person at one visit.

        Parameters
        ----------
        answers
            Codes by item; what is absent, None or empty was not answered.
        applies
            Whether a scale applies, by scale: True, False, or None where it is not known. A part
            of a scale that does not apply does not apply either.
        patient, visit
            Whose and when, in the words of the record.

        Raises
        ------
        UnknownTermError
            An item or a scale that the questionnaire does not have.
        NotationError, ImpossibleError
            An answer is none of the options; names the item.

        Returns
        -------
        One score per scale [0 to 100], or why there is none.
        """
        known = {item.key for item in self.items}
        for key in answers:
            if key not in known:
                raise self._unknown(key, "item")
        told = self._told(applies or {})
        return Profile(
            tuple(
                scale.score(
                    answers,
                    applies=told[scale.key],
                    out_of_place=self._out_of_place(scale, answers, told),
                )
                for scale in self.scales
            ),
            patient=patient,
            visit=visit,
        )

    def changes(self, now: Profile, baseline: Profile) -> tuple[Change, ...]:
        """Return the change of every scale against a baseline of the same person.

        Raises
        ------
        ImpossibleError
            The two are of different people.
        UnknownTermError
            One of them lacks a scale.
        """
        if now.patient and baseline.patient and now.patient != baseline.patient:
            raise ImpossibleError(
                f"{now.patient} is not {baseline.patient}: compare a person with themselves",
                field="baseline",
                given=baseline.patient,
            )
        return tuple(
            change(now[scale.key], baseline[scale.key], self.mid(scale.key))
            for scale in self.scales
        )

    def _told(self, given: Mapping[str, Truth]) -> dict[str, Truth]:
        """Return what is known of each scale; what a whole does not apply to, no part does."""
        keys = {scale.key for scale in self.scales}
        for key, answer in given.items():
            if key not in keys:
                raise self._unknown(key, "scale")
            if answer is not None and not isinstance(answer, bool):
                raise NotationError(
                    f"{show(answer)} does not say whether {key} applies: write True, False or None",
                    field=key,
                    given=answer,
                )
        found: dict[str, Truth] = {}
        for scale in self.scales:
            whole, own = given.get(scale.part_of), given.get(scale.key)
            if scale.part_of and whole is False:
                if own is True:
                    raise ImpossibleError(
                        f"{scale.key} cannot apply where {scale.part_of} does not",
                        field=scale.key,
                        given=own,
                    )
                own = False
            found[scale.key] = own
        return found

    def _out_of_place(
        self, scale: Scale, answers: Mapping[str, Any], told: Mapping[str, Truth]
    ) -> tuple[str, ...]:
        """Return the answered items of a part of the scale that does not apply."""
        return tuple(
            item.key
            for part in self.scales
            if part.part_of == scale.key and told[part.key] is False
            for item in part.items
            if item.read(answers.get(item.key)) is not None
        )

    def _unknown(self, key: Any, kind: str) -> UnknownTermError:
        there = tuple(one.key for one in (self.items if kind == "item" else self.scales))
        return UnknownTermError(
            f"{show(key)} is not {'an' if kind == 'item' else 'a'} {kind} of {self.name}: it has "
            f"{', '.join(there)}",
            field=kind,
            given=key,
            nearest=there,
        )


__all__ = ["Questionnaire"]
