"""Cells: from cells per kg and weight to the cells of one dose, the volume and the bags.

Which cells are counted is part of every number: total, viable, or viable CAR-positive. Caps apply
only by name; the maximum of a product label is never a default. Fractions of a dose on several
days are in `itp_carT.dosing.split`.
"""

from __future__ import annotations

import math
from typing import Any

from attrs import field, frozen

from itp_carT.errors import (
    ImpossibleError,
    MissingFactError,
    NotationError,
)
from itp_carT.notation import plain, show
from itp_carT.sources import CELL_LABELS, Citation
from itp_carT.units import (
    Quantity,
    equal,
    make,
    measured,
    to_optional_quantity,
    to_quantity,
    value_in,
)
from itp_carT.working import Step, Working

from .counting import (
    Counting,
    scientific,
    share,
    to_car_fraction,
    to_counting,
    to_viability,
)

_LABELS = CELL_LABELS.at("maximum doses", note="each label that doses per kg also has a maximum")
_LABEL_WEIGHT = 100.0  # kg, at which the labels' maxima begin to apply


@frozen(kw_only=True)
class CellDose:
    """The cells one patient is to receive in all.

    Parameters
    ----------
    per_kg
        Dose per body weight [cell/kg].
    weight
        Actual body weight [kg].
    counting
        Which cells are counted.
    source
        Where the dose is prescribed.
    weight_cap
        Largest weight that counts [kg]; None for no cap.
    cell_cap
        Largest number of cells [cell]; None for no cap.
    reason
        Why the dose lies outside what the protocol gives, where it does.

    Attributes
    ----------
    total
        The cells to give [cell].

    Raises
    ------
    UnitError, ImpossibleError
        A value has no unit, a wrong one, or is outside what can be true.

    Examples
    --------
    >>> from itp_carT.sources import NCT05315778
    >>> dose = CellDose(
    ...     per_kg="1.5e7 cell/kg",
    ...     weight="60 kg",
    ...     counting="viable CAR-positive",
    ...     source=NCT05315778.at("arm description"),
    ... )
    >>> print(dose)
    9.0×10^8 viable CAR-positive T cells
    """

    per_kg: Quantity = field(converter=to_quantity, validator=measured("cell/kg"))
    weight: Quantity = field(
        converter=to_quantity, validator=measured("kg", possible=("25 kg", "300 kg"))
    )
    counting: Counting = field(converter=to_counting)
    source: Citation
    weight_cap: Quantity | None = field(
        default=None, converter=to_optional_quantity, validator=measured("kg")
    )
    cell_cap: Quantity | None = field(
        default=None, converter=to_optional_quantity, validator=measured("cell")
    )
    reason: str = ""
    total: Quantity = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        # not as a default: that would be computed before the fields are checked
        cells = self._per_weight()
        if self.cell_cap is not None:
            cells = min(cells, value_in(self.cell_cap, "cell"))
        object.__setattr__(self, "total", make(cells, "cell"))

    def _per_weight(self, *, capped: bool = True) -> float:
        kg = value_in(self.weight, "kg")
        if capped and self.weight_cap is not None:
            kg = min(kg, value_in(self.weight_cap, "kg"))
        return value_in(self.per_kg, "cell/kg") * kg

    @property
    def uncapped(self) -> Quantity:
        """The cells that no cap would give [cell]."""
        return make(self._per_weight(capped=False), "cell")

    @property
    def achieved(self) -> Quantity:
        """Cells per kg of actual weight; below the dose ordered where a cap applies [cell/kg]."""
        return make(self.total.magnitude / value_in(self.weight, "kg"), "cell/kg")

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know about this dose."""
        notes = []
        if self.total != self.uncapped:
            notes.append(
                f"a cap applies: {scientific(self.total.magnitude)} cells instead of "
                f"{scientific(self.uncapped.magnitude)}, "
                f"{scientific(self.achieved.magnitude)} cell/kg"
            )
        if self.above_labels:
            notes.append(
                f"{self.weight} is above 100 kg and no cap is named: labels that dose per kg "
                f"have a maximum number of cells ({_LABELS.short})"
            )
        if self.reason:
            notes.append(f"the dose is outside the protocol, for a stated reason: {self.reason}")
        return tuple(notes)

    @property
    def above_labels(self) -> bool:
        """Whether every label that doses per kg would have capped at this weight."""
        heavy = value_in(self.weight, "kg") > _LABEL_WEIGHT
        return heavy and self.weight_cap is None and self.cell_cap is None

    @property
    def working(self) -> Working:
        """Each step from weight to cells, for a second check."""
        kg = value_in(self.weight, "kg")
        weight = str(self.weight)
        used = f"{plain(kg)} kg"
        per_kg = f"{scientific(value_in(self.per_kg, 'cell/kg'))} cell/kg"
        steps = [Step("weight W", "" if weight == used else weight, "", used)]
        if self.weight_cap is not None:
            counted = f"{plain(min(kg, value_in(self.weight_cap, 'kg')))} kg"
            steps.append(
                Step(
                    "weight that counts", "min(W, cap)", f"min({used}, {self.weight_cap})", counted
                )
            )
            used = counted
        product = f"{scientific(self._per_weight())} cell"
        steps += [
            Step("dose per weight", "", "", per_kg, self.source, self.reason),
            Step("cells", "dose per weight × W", f"{per_kg} × {used}", product,
                 note=f"counted as {self.counting.label}"),
        ]  # fmt: skip
        if self.cell_cap is not None:
            cap = f"{scientific(value_in(self.cell_cap, 'cell'))} cell"
            result = f"{scientific(self.total.magnitude)} cell"
            steps.append(
                Step("cells that count", "min(cells, cap)", f"min({product}, {cap})", result)
            )
        return Working(tuple(steps))

    def volume_from(self, product: Product) -> InfusionVolume:
        """Find the volume of a product that holds the dose.

        Raises
        ------
        MissingFactError
            The product counts other cells, and the share that leads to them is not known.
        ImpossibleError
            The product is too small; ``missing`` says how many cells are missing.

        Examples
        --------
        >>> from itp_carT.sources import NCT05315778
        >>> dose = CellDose(
        ...     per_kg="1e7 cell/kg",
        ...     weight="60 kg",
        ...     counting="viable CAR-positive",
        ...     source=NCT05315778.at("arm description"),
        ... )
        >>> print(dose.volume_from(Product(viable_car_t="1.2e7 cell/mL", volume="20 mL", bags=3)))
        50 mL from 3 bags
        """
        return InfusionVolume(cells=self.total, counting=self.counting, product=product)

    def __str__(self) -> str:
        return f"{scientific(self.total.magnitude)} {self.counting.label}"


_CONCENTRATION = measured("cell/mL")


@frozen(kw_only=True)
class Product:
    """A cell product, as released: name the cells that its concentration counts.

    Parameters
    ----------
    total, viable, viable_car_t
        Concentration of total, of viable, or of viable CAR-positive T cells [cell/mL]; one of
        the three.
    volume
        Volume of one bag [mL]; None when not known, and then nothing checks that it suffices.
    bags
        Number of bags.
    viability
        Share of the cells that is viable, e.g. ``0.9`` or ``"90 %"``.
    car_fraction
        Share of the *viable* cells that is CAR-positive T cells.

    Raises
    ------
    MissingFactError, NotationError
        None of the three concentrations was given, or more than one.
    UnitError, ImpossibleError
        A value has no unit, a wrong one, or is outside what can be true.

    Examples
    --------
    >>> Product(
    ...     total="3e7 cell/mL", viability="90 %", car_fraction=0.4, volume="50 mL"
    ... ).counting
    Counting.TOTAL
    """

    total: Quantity | None = field(
        default=None, converter=to_optional_quantity, validator=_CONCENTRATION
    )
    viable: Quantity | None = field(
        default=None, converter=to_optional_quantity, validator=_CONCENTRATION
    )
    viable_car_t: Quantity | None = field(
        default=None, converter=to_optional_quantity, validator=_CONCENTRATION
    )
    volume: Quantity | None = field(
        default=None, converter=to_optional_quantity, validator=measured("mL")
    )
    bags: int = field(default=1)
    viability: float | None = field(default=None, converter=to_viability)
    car_fraction: float | None = field(default=None, converter=to_car_fraction)

    @bags.validator
    def _check_bags(self, _attribute: object, bags: Any) -> None:
        if isinstance(bags, bool) or not isinstance(bags, int) or not 1 <= bags <= 1000:
            raise ImpossibleError(
                f"{show(bags)} is not a number of bags: write e.g. bags=1", field="bags", given=bags
            )

    def __attrs_post_init__(self) -> None:
        count = sum(given is not None for given in (self.total, self.viable, self.viable_car_t))
        if count == 0:
            raise MissingFactError(
                "a product needs its concentration: write e.g. "
                'viable_car_t="1.2e7 cell/mL", or viable=, or total=',
                field="product",
            )
        if count > 1:
            raise NotationError(
                "a product has one concentration: give total, viable or viable_car_t, and the "
                "shares that lead from one to the other",
                field="product",
                given=count,
            )

    @property
    def counting(self) -> Counting:
        """Which cells the concentration counts."""
        if self.total is not None:
            return Counting.TOTAL
        return Counting.VIABLE if self.viable is not None else Counting.VIABLE_CAR_POSITIVE

    @property
    def concentration(self) -> Quantity:
        """The concentration as given [cell/mL]."""
        return self.total or self.viable or self.viable_car_t  # type: ignore[return-value]  # one is there

    def concentration_of(self, counting: Counting) -> tuple[float, tuple[str, ...]]:
        """Concentration of other cells [cell/mL], and the shares that led to it.

        Raises
        ------
        MissingFactError
            A share that leads from the one to the other is not known.
        """
        order = tuple(Counting)
        here, there = order.index(self.counting), order.index(counting)
        number, names = value_in(self.concentration, "cell/mL"), ("viability", "car_fraction")
        used = names[min(here, there) : max(here, there)]
        for name in used:
            known = getattr(self, name)
            if known is None:
                raise MissingFactError(
                    f"the product counts {self.counting.label} and the dose {counting.label}: "
                    f'write e.g. {name}="85 %"',
                    field=name,
                    needed_by=counting.label,
                )
            number = number * known if there > here else number / known
        return number, used

    @property
    def whole(self) -> Quantity | None:
        """Volume of all bags [mL]; None when the volume is not known."""
        return None if self.volume is None else make(value_in(self.volume, "mL") * self.bags, "mL")

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know about this product."""
        low = (("viability", self.viability, 0.7), ("car_fraction", self.car_fraction, 0.1))
        return tuple(
            f"{name} {value:.4g} is unusual (usually {limit:g} or more)"
            for name, value, limit in low
            if value is not None and value < limit
        )


@frozen(kw_only=True)
class InfusionVolume:
    """The volume of a product that holds a number of cells; see `CellDose.volume_from`.

    Parameters
    ----------
    cells
        The cells to give [cell].
    counting
        Which cells are counted.
    product
        The product they are taken from.

    Attributes
    ----------
    volume
        Volume to infuse, unrounded [mL].

    Raises
    ------
    MissingFactError, ImpossibleError
        A share is not known, or the product is too small.
    """

    cells: Quantity = field(converter=to_quantity, validator=measured("cell"))
    counting: Counting = field(converter=to_counting)
    product: Product
    volume: Quantity = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        product, cells = self.product, value_in(self.cells, "cell")
        concentration, _ = product.concentration_of(self.counting)
        volume = cells / concentration
        whole = product.whole
        if whole is not None and volume > whole.magnitude and not equal(volume, whole.magnitude):
            missing = make((volume - whole.magnitude) * concentration, "cell")
            raise ImpossibleError(
                f"the product is too small: {scientific(cells)} {self.counting.label} need "
                f"{volume:.5g} mL and it has {whole}: {scientific(missing.magnitude)} cells are "
                "missing",
                field="product",
                given=str(whole),
                missing=missing,
            )
        object.__setattr__(self, "volume", make(volume, "mL"))

    @property
    def bags(self) -> int | None:
        """Bags that are opened; None when the volume of a bag is not known."""
        if self.product.volume is None:
            return None
        ratio = self.volume.magnitude / value_in(self.product.volume, "mL")
        down = math.floor(ratio)
        return down if down and equal(ratio, down) else math.ceil(ratio)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know about this volume."""
        _, used = self.product.concentration_of(self.counting)
        unused = (
            name
            for name in ("viability", "car_fraction")
            if getattr(self.product, name) is not None and name not in used
        )
        counted = self.product.counting.label
        notes = [
            *self.product.notes,
            *(f"{name} was not applied: the concentration counts {counted}" for name in unused),
        ]
        if self.product.volume is None:
            notes.append("the volume of the product is not known: nothing checks that it suffices")
        return tuple(notes)

    @property
    def working(self) -> Working:
        """Each step from cells to volume and bags, for a second check."""
        product, steps = self.product, []
        concentration, used = product.concentration_of(self.counting)
        given = f"{scientific(value_in(product.concentration, 'cell/mL'))} cell/mL"
        steps.append(Step("concentration", "", "", given, note=product.counting.label))
        if used:
            sign = "×" if product.counting is not self.counting and _finer(self, product) else "/"
            shares = f" {sign} ".join(plain(getattr(product, name)) for name in used)
            names = f" {sign} ".join(name.replace("_", " ") for name in used)
            steps.append(
                Step(
                    f"concentration of {self.counting.label}",
                    f"concentration {sign} {names}",
                    f"{given} {sign} {shares}",
                    f"{scientific(concentration)} cell/mL",
                )
            )
        steps.append(
            Step(
                "volume",
                "cells / concentration",
                f"{scientific(value_in(self.cells, 'cell'))} cell / "
                f"{scientific(concentration)} cell/mL",
                f"{self.volume.magnitude:.5g} mL",
            )
        )
        if product.volume is not None:
            steps.append(
                Step(
                    "bags",
                    "volume / volume of a bag, rounded up",
                    f"{self.volume.magnitude:.5g} mL / {product.volume}",
                    str(self.bags),
                )
            )
        return Working(tuple(steps))

    def __str__(self) -> str:
        bags = f" from {self.bags} bag{'s' * (self.bags != 1)}" if self.bags else ""
        return f"{self.volume.magnitude:.5g} mL{bags}"


def _finer(found: InfusionVolume, product: Product) -> bool:
    order = tuple(Counting)
    return order.index(found.counting) > order.index(product.counting)


__all__ = [
    "CellDose",
    "Counting",
    "InfusionVolume",
    "Product",
    "scientific",
    "share",
    "to_counting",
]
