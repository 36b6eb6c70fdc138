"""Settings every test shares: the hypothesis profile, and why an engine test is skipped."""

import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

# No deadline: a shared machine stalls now and then. In CI the examples are the same in every run.
settings.register_profile("local", deadline=None, max_examples=100)
settings.register_profile("ci", deadline=None, max_examples=200, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


def _absent() -> dict[str, str]:
    """Why the tests of a marker cannot run here, by marker."""
    reasons = {}
    if find_spec("pyspark") is None:
        reasons["spark"] = "PySpark is absent: install the extra pyspark"
    elif not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        reasons["spark"] = "no Java found: PySpark needs Java 17 or newer"
    if find_spec("dask") is None:
        reasons["dask"] = "Dask is absent: install the extra dask"
    if find_spec("lifelines") is None:
        reasons["oracle"] = "lifelines is absent: install the extra oracle"
    if find_spec("playwright") is None:
        reasons["browser"] = "Playwright is absent: install the extra browser"
    elif not (shutil.which("chromium") or shutil.which("chromium-browser")):
        reasons["browser"] = "no Chromium found"
    if not Path(os.environ.get("ITP_SITE", ""), "calculator", "manifest.json").is_file():
        reasons["site"] = "no site with its calculator: build it and name it by ITP_SITE"
    return reasons


def pytest_collection_modifyitems(items):
    reasons = _absent()
    for item in items:
        for marker, reason in reasons.items():
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="module")
def browser():
    """A headless Chromium that asks nothing of anybody unasked."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    flags = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update",
             "--disable-sync")  # fmt: skip
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=program, args=flags)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def spark():
    """One Spark session for every test that asks for it."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()
