"""Configuration of the site. Builds offline, with warnings as errors."""

import sys
from pathlib import Path

import itp_carT

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "itp_carT"
author = "itp_carT contributors"
copyright = "itp_carT contributors"  # noqa: A001 - the name Sphinx asks for
release = version = itp_carT.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "myst_parser",
    "sphinx_copybutton",
    "sphinx_design",
    "itp_carT.sphinxext",
    "calculator_page",
    "json_schema",
    "translations",
    "therapy_table",
    "units_table",
    "visits_and_scales",
    "validation_table",
    "example_report",
]
exclude_patterns = ["_build", "_calculator", ".venv", "**/.venv", "Thumbs.db", ".DS_Store"]
templates_path = ["_templates"]

# --- pages --------------------------------------------------------------------------------------

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

# --- reference ----------------------------------------------------------------------------------

autosummary_generate = True
autodoc_default_options = {"members": True, "member-order": "bysource", "show-inheritance": True}
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88

# References inside the project must resolve. What belongs to the standard library, to pint or to
# attrs is printed as plain text: the site is built without a network, so there is no inventory.
nitpicky = True
nitpick_ignore_regex = [
    (r"py:.*", r"(?!itp_carT\.).*"),
    (r"py:.*", r"itp_carT\..*\.(T|F|_Condition)"),  # type variables, a private base: no pages
]
# A name re-exported at a package's door is found at both places: they are the same object.
suppress_warnings = ["ref.python"]

# --- looks --------------------------------------------------------------------------------------

html_theme = "pydata_sphinx_theme"
html_title = "itp_carT"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_logo = "_static/logo.svg"
html_favicon = "_static/favicon.svg"
html_show_sourcelink = False
html_copy_source = False
# Light or dark as the reader's system says; without it the theme logs an error in every browser.
html_context = {"default_mode": "auto"}
html_theme_options = {
    "logo": {"text": "itp_carT", "alt_text": "itp_carT, front page"},
    "navbar_align": "left",
    "header_links_before_dropdown": 6,
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_sidebars = {"calculator": [], "changelog": [], "validation": [], "known-limits": []}
