"""What Sphinx lacks for this site: MathML without scripts, Jupyter's anchors, links from names in code to entries."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import site_reference
from docutils import nodes
from latex2mathml.converter import convert
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util.inspect import stringify_signature
from sphinx.util.nodes import make_refnode

from autograd.engine.switches import ModeSwitch

# What the converter to MathML does not take, and what says the same to it.
SPELLINGS = {r"\\tag\{(.*?)\}": r"\\qquad\\text{(\1)}", r"\{aligned\}": r"{align*}"}
BACK = re.compile(r'<a class="viewcode-back" href="[^"]*#(?P<entry>[^"]*)">.*?</a>')  # from a listing to an entry
NAME = re.compile(r"(?P<name>[A-Za-z_][\w.]*)(\([^()]*(\([^()]*\)[^()]*)*\))?")  # a name, perhaps called


def slug(text: str) -> str:
    """The anchor of a heading as Jupyter names it, which pages of notebooks' links use."""
    return re.sub(r"[;/?:@&=+$,#]", lambda sign: quote(sign[0]), text.replace(" ", "-"))


def parameter(
    name: str, rawtext: str, text: str, line: int, inliner: Any, options: Any = None, content: Any = None
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """The role of single backticks, which in NumPy's docstrings name a parameter."""
    return [nodes.literal(rawtext, text, classes=["parameter"])], []


def mathml(block: bool) -> Callable[[Any, Any], None]:
    """The visitor that writes a formula as MathML: no script, no font, nothing to load."""

    def visit(translator: Any, node: Any) -> None:
        latex = node.astext()
        for pattern, spelling in SPELLINGS.items():
            latex = re.sub(pattern, spelling, latex)
        translator.body.append(convert(latex, display="block" if block else "inline"))
        raise nodes.SkipNode

    return visit


def lead_home(app: Sphinx, docname: str, source: list[str]) -> None:
    """Let links to the README lead to the first page, which has its head."""
    if docname.startswith("docs/"):
        source[0] = source[0].replace("](../README.md", "](index.md")


def describe_outputs(app: Sphinx, doctree: nodes.document) -> None:
    """Give a notebook's pictures the text of their outputs, which names what they show, for who does not see them."""
    for bundle in doctree.findall(
        lambda node: isinstance(node, nodes.container) and node.get("nb_element") == "mime_bundle"
    ):
        texts = [part.astext() for part in bundle.children if part.get("mime_type") == "text/plain"]
        for image in bundle.findall(nodes.image):
            image["alt"] = " ".join(texts).strip("<>") or "a picture that the cell above makes"


def trim_code(app: Sphinx, doctree: nodes.document) -> None:
    """Drop the blank line that ends an example, by which doctest knows where its output ends."""
    for block in doctree.findall(nodes.literal_block):
        text = block.astext().rstrip()
        if text and not block.get("classes"):
            block.rawsource, block.children = text, []
            block += nodes.Text(text)


def place_ops(app: Sphinx, doctree: nodes.document) -> None:
    """Make each heading of the op table's page the entry of the function of that name."""
    if app.env.docname != site_reference.OPS:
        return
    python = app.env.domains.python_domain
    for section in doctree.findall(nodes.section):
        title = section.next_node(nodes.title)
        if title is not None and title.astext() in site_reference.ops():
            python.note_object(f"autograd.{title.astext()}", "function", section["ids"][0], location=section)


def place_aliases(app: Sphinx, env: Any) -> None:
    """Give a name under which a module offers what has its entry elsewhere that entry too."""
    python = env.domains.python_domain
    for name, entry in site_reference.aliases().items():
        if entry in python.objects and name not in python.objects:
            python.objects[name] = python.objects[entry]._replace(aliased=True)


def plain_types(app: Sphinx, doctree: nodes.document) -> None:
    """Leave the words of which types in docstrings consist without links; names with a dot or a capital have some."""
    for link in list(doctree.findall(pending_xref)):
        if link.get("reftype") == "class" and re.fullmatch("[a-z_]+", link["reftarget"]):
            link.replace_self(link.children)


def mend_listings(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Leave out a listing's links to entries that do not exist: viewcode takes one module for all names of a file."""
    if page.startswith("_modules/"):
        entries = app.env.domains.python_domain.objects
        context["body"] = BACK.sub(lambda link: link[0] if link["entry"] in entries else "", context["body"])


def link_names(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Make a link of each name in code that has an entry: ``viz.draw``, ``nn.fit(...)``, ``Tensor.to``."""
    entries = app.env.domains.python_domain.objects
    for literal in list(doctree.findall(nodes.literal)):
        written = NAME.fullmatch(literal.astext())
        if written is None or "parameter" in literal["classes"] or _is_linked(literal):
            continue
        name = next((n for n in (written["name"], f"autograd.{written['name']}") if n in entries), None)
        if name is None or "." not in name or entries[name].objtype == "module":
            continue
        entry = entries[name]
        link = make_refnode(app.builder, docname, entry.docname, entry.node_id, literal.deepcopy(), name)
        literal.replace_self(link)


def skips(app: Sphinx, what: str, name: str, thing: Any, skip: bool, options: Any) -> bool | None:
    """Whether to leave out a member.

    So are named tuples' fields, which the docstring above them has, and scikit-learn's methods for its metadata
    routing, which its own pages describe.
    """
    routing = re.fullmatch("set_[a-z_]+_request|get_metadata_routing", name)
    return True if routing or type(thing).__name__ == "_tuplegetter" else None


def own_docstrings(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Leave out what Python says of a constant's type: of a text, how ``str`` is called."""
    if (
        what == "data"
        and type(thing).__module__ in ("builtins", "types")
        and "\n".join(lines).strip() == inspect.getdoc(thing)
    ):
        lines.clear()


def written_signature(
    app: Sphinx, what: str, name: str, thing: Any, options: Any, signature: str | None, returns: str | None
) -> tuple[str | None, str | None]:
    """What one writes to make or call `thing`: a class is called as its ``__init__``, and defaults are what one types.

    Left out are parameters whose names begin with ``_``, which are there for other libraries' code, and those of
    ``no_grad`` and its kind, which are there for an error's sake.
    """
    if what == "class" and inspect.isfunction(thing.__init__):
        whole = inspect.signature(thing.__init__)
        shown = [p for p in list(whole.parameters.values())[1:] if not p.name.startswith("_")]
        shown = [] if issubclass(thing, ModeSwitch) else shown
        signature = stringify_signature(whole.replace(parameters=shown, return_annotation=whole.empty), False)
    if signature is not None:
        signature = re.sub(r"<class '(?:[\w.]*\.)?(\w+)'>", r"\1", signature).replace("<function <lambda>>", "...")
    return signature, returns


def _is_linked(node: nodes.Node) -> bool:
    while node.parent is not None:
        if isinstance(node, (nodes.reference, nodes.title, pending_xref)):
            return True
        node = node.parent
    return False


def setup(app: Sphinx) -> dict[str, Any]:
    """Enter the parts of this extension at Sphinx."""
    app.add_role("parameter", parameter)
    app.connect("builder-inited", site_reference.write)
    app.connect("source-read", lead_home)
    app.connect("doctree-read", describe_outputs)
    app.connect("doctree-read", trim_code)
    app.connect("doctree-read", place_ops)
    app.connect("doctree-read", plain_types)
    app.connect("autodoc-skip-member", skips)
    app.connect("autodoc-process-docstring", own_docstrings)
    app.connect("autodoc-process-signature", written_signature)
    app.connect("env-check-consistency", place_aliases)
    app.connect("html-page-context", mend_listings)
    app.connect("doctree-resolved", link_names)
    app.add_html_math_renderer("presentation", (mathml(False), None), (mathml(True), None))
    return {"parallel_read_safe": True}
