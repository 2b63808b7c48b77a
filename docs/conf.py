"""Sphinx: MyST pages, numpydoc docstrings, one page for each public function."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tools"))
sys.path.insert(0, str(HERE))

import derivo
import reference

project = "derivo"
author = "derivo developers"
copyright = "derivo developers"
version = release = derivo.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx_gallery.gen_gallery",
    "numpydoc",
]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = ["_build", "gallery/**/*.md5", "gallery/**/*.py"]
html_theme = "alabaster"
html_title = f"derivo {release}"
html_theme_options = {"description": "I differentiate", "fixed_sidebar": True}

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
suppress_warnings = ["myst.xref_missing"]  # links to source files, checked by the tests

autosummary_generate = False
autodoc_typehints = "none"  # numpydoc's parameters say it, with shapes
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "filename_pattern": r"\.py$",
    "show_memory": False,
    "download_all_examples": False,
}

# The reference is written from what the package makes public, before Sphinx reads it.
reference.write(HERE / "reference")
