"""The command ``itp-cart validate``: what is wrong with a study folder, and what is used of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from itp_carT.study import open_study

from .patient import show

_LONG = 5_000_000  # bytes from which reading takes long enough for a bar
_SHOWN = 30  # problems of one severity that are printed without --all


@click.command()
@click.argument("study", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with every problem.")
@click.option("--all", "every", is_flag=True, help="Print every problem, not the first ones.")
@click.pass_context
def command(context: click.Context, study: Path, *, as_json: bool, every: bool) -> None:
    """Check the study folder STUDY: study.toml and its tables.

    The exit code is 1 where something stops an endpoint.
    """
    opened = open_study(study)
    with _bar(opened.size) as progress:
        for _ in opened.patients(progress=progress):
            pass
    report = opened.validation
    if as_json:
        click.echo(report.json())
    else:
        name = opened.header.name or study.name
        label = " (synthetic data)" if opened.header.synthetic else ""
        show("\n".join([f"{name}{label}", "", *report.lines(None if every else _SHOWN)]))
    context.exit(report.exit_code)


@contextmanager
def _bar(size: int) -> Iterator[Callable[[int], None] | None]:
    """Show progress on standard error where there is enough to read."""
    if size < _LONG:
        yield None
        return
    with click.progressbar(length=size, label="reading", file=sys.stderr) as bar:
        yield bar.update


__all__ = ["command"]
