"""How Sphinx builds the documentation: `make docs`, from local files only, a warning is an error."""

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx

from livingdrug import __version__

project = "livingdrug"
author = "The livingdrug authors"
copyright = "The livingdrug authors, Apache-2.0"
version = release = __version__

extensions = ["myst_parser"]
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

# Formulas become MathML, which browsers show by themselves: MathJax would be fetched from elsewhere when reading.
html_math_renderer = "mathml"
html_theme = "furo"
html_title = f"livingdrug {__version__}"
html_copy_source = False
html_show_sphinx = False

# One quiet look: system fonts, thin rules, the same blue for a link in both modes.
_FONTS = {"font-stack": "system-ui, sans-serif", "font-stack--monospace": "ui-monospace, monospace"}
html_theme_options = {
    "light_css_variables": {**_FONTS, "color-brand-primary": "#1f5f8b", "color-brand-content": "#1f5f8b"},
    "dark_css_variables": {**_FONTS, "color-brand-primary": "#7db8de", "color-brand-content": "#7db8de"},
}


def setup(app: Sphinx) -> None:
    """Register the formula renderer; Sphinx calls this."""
    app.add_html_math_renderer("mathml", (_formula, None), (_formula, None))


def _formula(translator, node: nodes.math | nodes.math_block) -> None:
    is_block = isinstance(node, nodes.math_block)
    mathml = tex2mathml(node.astext(), as_block=is_block)
    translator.body.append(f'<div class="math">{mathml}</div>' if is_block else mathml)
    raise nodes.SkipNode
