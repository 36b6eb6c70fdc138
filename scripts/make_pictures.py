"""Draw the picture of the front page from the example study: ``python scripts/make_pictures.py``.

A test compares the words and numbers in the committed picture with what the library draws now.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLACE = ROOT / "docs" / "_static" / "example-study.svg"


def draw() -> str:
    """Return the picture as SVG text."""
    from itp_carT.protocol.nct05315778 import PROTOCOL
    from itp_carT.report.figures import pictures
    from itp_carT.study import read_study
    from itp_carT.study.analysis import analyze

    found = analyze(read_study(ROOT / "examples" / "study"), PROTOCOL)
    return next(pictures(found)).svg


if __name__ == "__main__":
    PLACE.write_text(draw(), encoding="utf-8", newline="\n")
    sys.stdout.write(f"wrote {PLACE.name}\n")
