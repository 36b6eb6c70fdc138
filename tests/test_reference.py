"""The reference is complete: each public parameter is described, a measured one with its unit."""

import importlib
import inspect
import pkgutil
import re

import pytest

import itp_carT

_SECTION = re.compile(r"^Parameters\n-+\n(.*?)(?=^\w[\w ]*\n-{3,}$|\Z)", re.MULTILINE | re.DOTALL)
_MEASURED = re.compile(r"\b(?:Measured|Quantity)\b")
_UNIT = re.compile(r"\[[^\]]+\]")
EXTRAS = {
    "docutils",
    "hypothesis",
    "icalendar",
    "matplotlib",
    "numpy",
    "polars",
    "pyarrow",
    "sphinx",
}


def modules():
    for info in pkgutil.walk_packages(itp_carT.__path__, "itp_carT."):
        # the command line describes itself in --help, and is not imported by anybody
        if not re.search(r"\.cli\b|\.__main__$", info.name):
            yield info.name


def described(doc):
    """Return the texts of the Parameters section by name; None where there is no section."""
    found = _SECTION.search(inspect.cleandoc(doc or ""))
    if not found:
        return None
    texts, names = {}, []
    for line in found[1].splitlines():
        if line and not line.startswith(" "):
            names = [name.strip().lstrip("*") for name in line.partition(":")[0].split(",")]
            texts.update(dict.fromkeys(names, ""))
        for name in names:
            texts[name] += " " + line.strip()
    return texts


def public(module):
    """Yield the public functions, methods and classes that a module defines, with their names."""
    for name, found in vars(module).items():
        if name.startswith("_") or getattr(found, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(found):
            yield name, found
        elif inspect.isclass(found):
            if hasattr(found, "__attrs_attrs__") or "__init__" in vars(found):
                yield name, found
            for part, method in vars(found).items():
                plain = getattr(method, "__func__", method)
                if not part.startswith("_") and inspect.isfunction(plain):
                    yield f"{name}.{part}", plain


def missing(found):
    """Yield what a reader of the documentation would miss."""
    parameters = [
        parameter
        for parameter in inspect.signature(found).parameters.values()
        if parameter.name not in {"self", "cls"} and not parameter.name.startswith("_")
    ]
    measured = {p.name for p in parameters if _MEASURED.search(str(p.annotation))}
    texts = described(found.__doc__)
    if texts is None:
        # one sentence may be enough, but not without the unit
        if measured and not _UNIT.search(found.__doc__ or ""):
            yield f"the unit of {', '.join(sorted(measured))}"
        return
    for parameter in parameters:
        if parameter.name not in texts:
            yield f"the parameter {parameter.name}"
        elif parameter.name in measured and not _UNIT.search(texts[parameter.name]):
            yield f"the unit of {parameter.name}"


@pytest.mark.parametrize("name", list(modules()))
def test_every_parameter_is_described_and_every_measured_one_with_its_unit(name):
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as absent:
        if absent.name is None or absent.name.partition(".")[0] not in EXTRAS:
            raise
        pytest.skip(f"{name} needs {absent.name}, which an extra brings")
    found = [f"{label}: {what}" for label, part in public(module) for what in missing(part)]
    assert found == []


def test_the_check_itself_finds_what_is_missing():
    def dose(weight: "Measured", day):  # noqa: F821 - only read as text
        """Compute a dose.

        Parameters
        ----------
        weight
            The weight.
        """

    assert list(missing(dose)) == ["the unit of weight", "the parameter day"]
