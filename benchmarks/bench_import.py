"""What it costs to start: the import, and the first dose of a fresh interpreter."""

import compileall
from importlib.util import find_spec
from pathlib import Path

from measuring import Row, programs

PINT = "import pint"
FRONT_DOOR = "import itp_carT"
FIRST_DOSE = """
from itp_carT import Subject
from itp_carT.protocol import nct05315778
patient = Subject(sex="F", age=40, height="162 cm", weight="60 kg")
plan = nct05315778.plan(patient, infusion="2026-03-09", cells_per_kg="1.5e7 cells/kg")
str(plan.lymphodepletion)
"""


def compile_all():
    """Compile both packages: without byte code, an import measures the compiler."""
    for name in ("itp_carT", "pint", "attr", "attrs"):
        compileall.compile_dir(Path(find_spec(name).origin).parent, quiet=2)


def rows(quick=False):
    compile_all()
    pint, door, dose = programs(PINT, FRONT_DOOR, FIRST_DOSE, turns=1 if quick else 15)
    return [
        Row("import itp_carT, of import pint", door, pint, 0.3, faster=False),
        Row("first dose, of import pint", dose, pint, 1.25, faster=False),
    ]
