"""Writes the report of the example study beside the pages, by the code that is documented here."""

from pathlib import Path

from itp_carT.protocol.nct05315778 import PROTOCOL, SCHEDULE
from itp_carT.report import report
from itp_carT.study import read_study
from itp_carT.study.analysis import analyze, mapped_questionnaire

EXAMPLE = Path(__file__).parents[2] / "examples" / "study"
NAME = "example-report.html"


def write(app, failed):
    if failed is not None or app.builder.format != "html":
        return
    study = read_study(EXAMPLE)
    scales = mapped_questionnaire(EXAMPLE, study.header)
    found = analyze(study, PROTOCOL, schedule=SCHEDULE, questionnaire=scales)
    Path(app.outdir, NAME).write_text(report(found), encoding="utf-8")


def setup(app):
    """Write the report when the pages are done."""
    app.connect("build-finished", write)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
