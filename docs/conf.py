"""The site that `make docs` builds with Sphinx.

Its source is the whole project, so that a link between pages leads to the same page on the site as
in the repository. It has no place of its own: nothing is copied into docs/.
"""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx.addnodes import pending_xref

from confd_lib import __version__

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx

project = "confd-lib"
release = __version__
root_doc = "docs/index"

include_patterns = [
    "docs/**.md",
    "examples/**.md",
    "benchmarks/RESULTS.md",
    "tests/gotmpl/oracle/README.md",
    "CHANGELOG.md",
    "COMPATIBILITY.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
]
exclude_patterns = [".*", "build", "dist"]

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
# The names of headings are those of the forge, so that a link to one works there and here.
myst_heading_anchors = 3
# A block that names no language is not Python.
highlight_language = "none"

# Docstrings are written for those who read the code: a name stands in single backticks.
default_role = "literal"
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
napoleon_numpy_docstring = False
python_use_unqualified_type_names = True

# Dashes are made of `--`; quotation marks stay as they are typed.
smartquotes_action = "D"

html_theme = "furo"
html_title = f"confd-lib {release}"
# In Furo's own dark style, prompts and outputs are too dim.
pygments_dark_style = "a11y-high-contrast-dark"
html_static_path = ["static"]
html_css_files = ["site.css"]
# The top of the site leads to its first page.
html_extra_path = ["top"]
html_copy_source = False
html_show_copyright = False


def lead_to_folders(app: Sphinx, doctree: nodes.document) -> None:
    """Lead links to a folder to its README; a folder without one is named without a link."""
    source = posixpath.dirname(app.env.docname)
    for link in list(doctree.findall(pending_xref)):
        path = posixpath.normpath(posixpath.join(source, link["reftarget"]))
        if not Path(app.srcdir, path).is_dir():
            continue
        if f"{path}/README" in app.env.found_docs:
            link.attributes |= {
                "refdomain": "doc",
                "reftarget": f"{path}/README",
                "reftargetid": None,
            }
        else:
            link.replace_self(link.children)


def setup(app: Sphinx) -> dict[str, Any]:
    """Have Sphinx call `lead_to_folders` for each page."""
    app.connect("doctree-read", lead_to_folders)
    return {"parallel_read_safe": True}
