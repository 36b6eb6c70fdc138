"""The README's first command does what the README shows.

Run as a script, this file writes the real output into the README; the numbers in it are asserted
below and elsewhere from the references, never from that output.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"
FENCED = r"<!-- {mark} -->\n+```[^\n]*\n(.*?)```"


def block(mark):
    found = re.search(FENCED.format(mark=mark), README.read_text(encoding="utf-8"), re.DOTALL)
    assert found, f"README.md has no fenced block after <!-- {mark} -->"
    return found[1]


def run_plan():
    """Run the `itp-cart ...` part of the README's plan command."""
    command = block("plan-command").replace("\\\n", " ").strip()
    install, _, plan = command.partition(" && ")
    assert install == "python -m pip install ."
    program, *arguments = shlex.split(plan)
    assert program == "itp-cart"
    return subprocess.run(
        [sys.executable, "-m", "itp_carT", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        timeout=120,
        check=False,
    )


def test_plan_command_prints_what_the_readme_shows():
    done = run_plan()
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == block("plan-output").strip()


def test_plan_shows_the_figures_of_the_reference_case():
    """162 cm, 60 kg, F, infusion on 2026-03-09: figures worked by hand from the registry."""
    shown = block("plan-output")
    for fact in ("1.6432", "49.295", "492.95"):
        assert fact in shown, fact
    for day in ("2026-03-04", "2026-03-05", "2026-03-06", "2026-03-09"):
        assert day in shown, day
    assert re.search(r"9(\.0+)?\s?[×x]\s?10(⁸|\^8)|9(\.0+)?e\+?0?8", shown), "9.0×10⁸ cells"


def test_test_command_is_the_one_ci_runs():
    wanted = 'python -m pip install ".[test]" && python -m pytest -n auto'
    assert block("test-command").strip() == wanted


if __name__ == "__main__":
    done = run_plan()
    sys.exit(done.stderr) if done.returncode else None
    text = README.read_text(encoding="utf-8")
    old = re.search(FENCED.format(mark="plan-output"), text, re.DOTALL)
    text = text[: old.start(1)] + done.stdout.rstrip() + "\n" + text[old.end(1) :]
    README.write_text(text, encoding="utf-8")
