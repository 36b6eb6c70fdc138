"""Rewrite the tables of the page on the study folder from the code that reads them.

Run ``python scripts/make_study_folder.py``; a test fails while the page differs.
"""

from pathlib import Path

from itp_carT.study.page import format_page

PAGE = Path(__file__).parents[1] / "docs" / "guide" / "study-folder.md"
START, END = "<!-- tables: start -->", "<!-- tables: end -->"


def renewed(text: str) -> str:
    """Return the page with its tables made anew."""
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n\n{format_page()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
