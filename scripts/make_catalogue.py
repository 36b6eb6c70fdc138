"""Rebuild the catalogue's data files from the term tables of the three publications.

Run ``python scripts/make_catalogue.py FOLDER``. FOLDER holds three CSV files, transcribed from the
NCI's published tables: ``ctcae-v5-terms.csv`` and ``ctcae-v6-terms.csv`` with the columns
``meddra_code, soc, term, grades_defined``, and ``ctcae-v5-to-v6-terms.csv`` with ``v5_code,
v6_code, v5_grades_mapped, relation``. Further columns are left out: no wording of a grade is kept.
The files written are grouped under one heading line per system organ class; the library reads
nothing else, and its tests count what is in them.
"""

import csv
import sys
from itertools import groupby
from pathlib import Path

DATA = Path(__file__).parents[1] / "src" / "itp_carT" / "toxicity" / "data"
EDITIONS = {"ctcae-v5-terms.csv": "ctcae-v5.0.tsv", "ctcae-v6-terms.csv": "ctcae-v6.0.tsv"}


def rows(path: Path) -> list[dict[str, str]]:
    """Read a CSV file as dictionaries."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_lines(name: str, lines: list[str]) -> None:
    """Write a data file, the same on every system."""
    (DATA / name).write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def main(folder: Path) -> None:
    """Write the two term lists and the map between them."""
    for given, written in EDITIONS.items():
        lines = []
        for soc, terms in groupby(rows(folder / given), key=lambda row: row["soc"]):
            lines.append(f"# {soc}")
            lines += [f"{t['meddra_code']}\t{t['grades_defined']}\t{t['term']}" for t in terms]
        write_lines(written, lines)
    pairs = rows(folder / "ctcae-v5-to-v6-terms.csv")
    write_lines(
        "ctcae-v5.0-to-v6.0.tsv",
        [
            f"{p['v5_code']}\t{p['v6_code']}\t{p['v5_grades_mapped']}\t{p['relation']}"
            for p in pairs
        ],
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("give the folder with the three CSV files")
    main(Path(sys.argv[1]))
