"""The command ``itp-cart plan``: from height, weight and a date to doses, vials and milliliters."""

from __future__ import annotations

import json
import re
from typing import Any

import click

from itp_carT.anthropometry import bsa
from itp_carT.body_surface import formula
from itp_carT.dosing.cells import Product
from itp_carT.dosing.renal_schedules import US_LABEL, RenalFactor, schedule
from itp_carT.dosing.split import SplitInfusion
from itp_carT.errors import ItpCarTError, MissingFactError, NotationError
from itp_carT.notation import show as shown
from itp_carT.protocol.model import DosingPlan
from itp_carT.protocol.published import protocol_of
from itp_carT.renal import cockcroft_gault
from itp_carT.subject import Subject

from .patient import collected, patient_options, show, subject_of

_VIALS = re.compile(r"\s*([A-Za-z]+)\s*[:= ]\s*(.+?)\s*", re.DOTALL)


_OPTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("--protocol", {"default": "NCT05315778", "help": "Registry number of the protocol."}),
    ("--infusion", {"required": True, "metavar": "DATE", "help": "Date of the infusion (D0)."}),
    ("--cells-per-kg", {"required": True, "help": 'Dose, e.g. "1.5e7 cells/kg".'}),
    ("--counting", {"help": "Cells the dose counts: total, viable, or viable CAR-positive."}),
    ("--bsa-formula", {"default": "mosteller", "help": "Formula; itp-cart bsa lists them."}),
    ("--bsa-cap", {"help": "Largest area that counts; by default none."}),
    ("--creatinine", {"help": 'Serum creatinine, e.g. "0.9 mg/dL".'}),
    ("--renal-schedule", {"help": "us_label, us_label_older, us_oral, eu_smpc or dfci."}),
    ("--renal-weight", {"default": "actual", "help": "Weight for the clearance, e.g. ideal."}),
    ("--vials", {"multiple": True, "help": '"cyclophosphamide: 200 mg, 500 mg"; repeatable.'}),
    ("--product-concentration", {"help": 'E.g. "1.2e7 cells/mL".'}),
    ("--product-counting", {"help": "Cells it counts; left out, told by the shares given."}),
    ("--product-volume", {"help": 'Volume of one bag, e.g. "20 mL".'}),
    ("--bags", {"type": int, "default": 1, "help": "Number of bags."}),
    ("--viability", {"help": 'Share of the cells, 0.9 or "90 %".'}),
    ("--car-fraction", {"help": 'Share of the viable cells, 0.4 or "40 %".'}),
    ("--split", {"help": "Fractions of the cells in percent, e.g. 10/30/60."}),
    ("--split-days", {"help": "Their protocol days, e.g. 0,1,2 (the default)."}),
    ("--weight-cap", {"help": "Largest weight that counts; by default none."}),
    ("--cell-cap", {"help": "Largest number of cells; by default none."}),
    ("--reason", {"default": "", "help": "Why a dose outside the protocol is wanted."}),
)


def _dose_options(command: Any) -> Any:
    for name, settings in reversed(_OPTIONS):
        command = click.option(name, show_default=bool(settings.get("default")), **settings)(
            command
        )
    return command


@click.command()
@patient_options
@_dose_options
@click.option("--working", is_flag=True, help="Add each step for the second check.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of the sheet.")
def command(as_json: bool, working: bool, **given: Any) -> None:
    """Print one patient's dosing plan under a published protocol.

    Every measured value carries its unit. What cannot be right is refused with exit code 2; what
    is unusual is printed under Warnings.
    """
    from .sheet import document, sheet

    with collected() as texts:
        plan, notes = planned(given)
    texts[:] = list(dict.fromkeys((*plan.warnings, *notes, *texts)))
    if as_json:
        click.echo(json.dumps(document(plan, texts), indent=2, ensure_ascii=False))
    else:
        show(sheet(plan, texts, working=working))


def planned(given: dict[str, Any]) -> tuple[DosingPlan, list[str]]:
    """Compute the plan from texts by the name of their option, with notes on what was assumed."""
    subject = subject_of(given)
    renal, notes = _renal(subject, given)
    product, read = _product(given)
    plan = protocol_of(given.get("protocol") or "NCT05315778").plan(
        subject,
        infusion=given["infusion"],
        cells_per_kg=given["cells_per_kg"],
        counting=given["counting"],
        formula=formula(given["bsa_formula"]),
        bsa_cap=given["bsa_cap"],
        renal=renal,
        vials=_vials(given["vials"]) or None,
        weight_cap=given["weight_cap"],
        cell_cap=given["cell_cap"],
        reason=given["reason"],
        product=product,
        split=_split(given),
    )
    if plan.split is not None and given["split_days"] is None:
        notes.append("the days of the fractions were not given: consecutive days were taken")
    return plan, notes + read


def _renal(subject: Subject, given: dict[str, Any]) -> tuple[RenalFactor | None, list[str]]:
    """Find the renal share; without a named schedule say what the current US label would do."""
    creatinine, key = given["creatinine"], given["renal_schedule"]
    if creatinine is None and key is None:
        return None, []
    if creatinine is None:
        raise MissingFactError(
            'a renal schedule needs it: write e.g. creatinine="0.9 mg/dL"', field="creatinine"
        )
    clearance = cockcroft_gault(subject, creatinine, weight=given["renal_weight"])
    if key is None:
        share = US_LABEL.factor(clearance).share
        note = (
            f"clearance {clearance}: no renal schedule is named, so that the dose is full "
            f"({US_LABEL.name}: {share} of it)"
        )
        return None, [note]
    named = schedule(key)
    if named.unit == "mL/min":
        return named.factor(clearance), []
    area = bsa(subject, formula=given["bsa_formula"])
    return named.factor(clearance.indexed(area)), []


def _vials(texts: tuple[str, ...]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text in texts:
        read = _VIALS.fullmatch(text)
        if read is None:
            raise NotationError(
                f"{shown(text)} does not name a drug and its vials: write e.g. "
                '"cyclophosphamide: 200 mg, 500 mg"',
                field="vials",
                given=text,
            )
        found.setdefault(read[1].lower(), []).extend(
            part.strip() for part in re.split(r"[,;]", read[2])
        )
    return found


_FIELDS = {
    "total": "total",
    "viable": "viable",
    "viable CAR-positive": "viable_car_t",
}


def _product(given: dict[str, Any]) -> tuple[Product | None, list[str]]:
    from itp_carT.dosing.cells import Counting

    concentration, notes = given["product_concentration"], []
    shares = {name: given[name] for name in ("viability", "car_fraction") if given[name]}
    if concentration is None:
        if shares or given["product_volume"] or given["product_counting"]:
            raise MissingFactError(
                "a product needs its concentration: write e.g. "
                'product_concentration="1.2e7 cells/mL"',
                field="product",
            )
        return None, []
    if given["product_counting"] is None:
        counting = _told_by(shares)
        notes.append(
            f"the concentration was read as that of {counting.label}, by the shares given: "
            "say which cells it counts"
        )
    else:
        try:
            counting = Counting.of(given["product_counting"])
        except ItpCarTError as error:
            raise error.about("product_counting") from None
    product = Product(
        **{_FIELDS[counting.value]: concentration},
        volume=given["product_volume"],
        bags=given["bags"],
        **shares,
    )
    return product, notes


def _told_by(shares: dict[str, str]) -> Any:
    """Which cells a concentration counts: those before the first share that was given."""
    from itp_carT.dosing.cells import Counting

    if not shares:
        return Counting.VIABLE_CAR_POSITIVE
    return Counting.TOTAL if "viability" in shares else Counting.VIABLE


def _split(given: dict[str, Any]) -> SplitInfusion | None:
    if given["split"] is None:
        if given["split_days"] is not None:
            raise MissingFactError(
                'days of a split need its fractions: write e.g. split="10/30/60"', field="split"
            )
        return None
    days = given["split_days"]
    if days is None:
        return SplitInfusion(given["split"])
    parts = [part.strip() for part in days.split(",")]
    if not all(re.fullmatch(r"[0-9]{1,4}", part, re.ASCII) for part in parts):
        raise NotationError(
            f"{shown(days)} is not a list of days: write e.g. 0,1,2", field="split_days", given=days
        )
    return SplitInfusion(given["split"], days=tuple(map(int, parts)))


__all__ = ["command", "planned"]
