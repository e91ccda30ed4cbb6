"""How Sphinx builds the site from the repository's own files: README, docs/, notebooks/ and docstrings."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "docs"), str(ROOT)]  # the checkout comes before what is installed

import docstring_types  # noqa: E402
import site_reference  # noqa: E402

project = "graphgrad"
author = "the graphgrad authors"
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.intersphinx",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "site_ext",
    "site_run",
]
root_doc = "docs/index"
include_patterns = [
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/**",
    "notebooks/*.ipynb",
    "scripts/bench/README.md",
]
exclude_patterns = ["docs/_static/**"]

# Notebooks are kept executed, and CI executes them; a page shows what is in the file.
nb_execution_mode = "off"
nb_output_stderr = "remove"
myst_enable_extensions = ["dollarmath"]
myst_fence_as_directive = ["math"]
myst_heading_anchors = 4
myst_heading_slug_func = "site_ext.slug"

autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True  # np.float64, not <class ...>
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True
napoleon_preprocess_types = True
napoleon_type_aliases = docstring_types.WORDS | {
    name.rpartition(".")[2]: f":class:`{name.rpartition('.')[2]} <{name}>`" for name in site_reference.classes()
}
default_role = "parameter"
intersphinx_mapping = {"numpy": ("https://numpy.org/doc/stable/", "docs/numpy.inv")}  # a local file: nothing is fetched

copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
html_theme = "furo"
pygments_dark_style = "github-dark"
html_title = "graphgrad"
html_static_path = ["_static"]
html_extra_path = ["_root"]  # the page at the root of the site, which leads to the first one
html_css_files = ["site.css"]
html_favicon = "_static/icon.svg"
html_search_scorer = str(ROOT / "docs" / "_static" / "scorer.js")
html_js_files = ["theme.js"]
# The pages with a button "Run this", with the packages of Pyodide's that they need beside NumPy; and whence it loads
# Python and Graphviz at a click, for which an own copy may be named.
run_pages = {
    f"docs/{page}": ["matplotlib"] if page in ("first_net", "draw_a_network") else []
    for page in (
        "first_graph", "first_net", "in_the_browser", "draw", "step_and_explain", "draw_a_network",
        "jacobians_and_hessians", "find_a_nan", "graph_doors", "add_an_op", "coming_from_micrograd",
    )
}  # fmt: skip
run_places = {
    "pyodide": os.environ.get("PYODIDE_URL", "https://cdn.jsdelivr.net/pyodide/v0.27.7/full/"),
    "viz": os.environ.get("VIZ_JS_URL", "https://cdn.jsdelivr.net/npm/@viz-js/viz@3.31.0/dist/viz-global.js"),
}
html_math_renderer = "presentation"
html_copy_source = False
html_show_copyright = False
highlight_language = "python"
