"""What pytest leaves out when it looks for doctests."""

from importlib.util import find_spec

# scripts for Sphinx, which finds them by a path of its own
collect_ignore = ["docs/conf.py", "docs/_ext"]

# Adapters whose extra is absent cannot be imported; the tests run in `.ci/run` have every extra.
if find_spec("sphinx") is None:
    collect_ignore.append("src/itp_carT/sphinxext.py")
if find_spec("matplotlib") is None:
    collect_ignore.append("src/itp_carT/plots")
if find_spec("hypothesis") is None:
    collect_ignore.append("src/itp_carT/strategies.py")
