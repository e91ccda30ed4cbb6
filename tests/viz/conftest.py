import importlib.util
import re
import shutil
import sys
from contextlib import ExitStack, contextmanager
from html import unescape
from types import SimpleNamespace

import numpy as np
import pytest

from autograd import Tensor, Value
from tests.helpers.browser import browsing

RENDERERS = [
    pytest.param("system", marks=pytest.mark.skipif(shutil.which("dot") is None, reason="no dot on the PATH")),
    pytest.param(
        "bundled", marks=pytest.mark.skipif(importlib.util.find_spec("pygraphviz") is None, reason="no pygraphviz")
    ),
]


@pytest.fixture(params=RENDERERS)
def renderer(request, monkeypatch):
    """Each way to render, alone: the system's dot, and the one inside pygraphviz."""
    if request.param == "bundled":
        monkeypatch.setenv("PATH", "/nonexistent")
    else:
        monkeypatch.setitem(sys.modules, "pygraphviz", None)
    return request.param


@pytest.fixture(scope="module")
def browser():
    """A headless Chromium, started once a module: while it runs, no other test in the process can use asyncio."""
    with browsing() as started:
        yield started


@pytest.fixture(scope="module")
def tab(browser):
    """The one page of a module, because each more starts a process of Chromium's: `blank` makes it as it began."""
    return browser.new_page()


def blank(tab, width, height, scheme="light"):
    tab.goto("about:blank")
    tab.set_viewport_size({"width": width, "height": height})
    tab.emulate_media(color_scheme=scheme)
    return tab


@contextmanager
def listening(page, **listeners):
    """Call functions at events of a page, and no longer."""
    for event, listener in listeners.items():
        page.on(event, listener)
    yield
    for event, listener in listeners.items():
        page.remove_listener(event, listener)


@pytest.fixture
def page(tab):
    """An empty page; an error in it, or a message on its console, fails the test."""
    said = []
    opened = blank(tab, 1280, 900)
    with listening(
        opened, pageerror=lambda error: said.append(str(error)), console=lambda message: said.append(message.text)
    ):
        yield opened
    assert not said


@pytest.fixture
def no_renderer(monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


@pytest.fixture
def parsed():
    """Nodes with their attributes, and edges in order, of DOT text as the drawings write it."""
    return parse


def parse(figure):
    nodes, edges = {}, []
    for line in figure.source.splitlines():
        if edge := re.fullmatch(r"\t(\w+) -> (\w+)(?: \[(.*)\])?", line):
            edges.append((edge[1], edge[2], attributes(edge[3] or "")))
        elif (node := re.fullmatch(r"\t(\w+) \[(.*)\]", line)) and node[1] not in ("graph", "node", "edge"):
            nodes[node[1]] = attributes(node[2])
    return SimpleNamespace(nodes=nodes, edges=edges)


def attributes(text):
    labels = r'(\w*label)=(<.*?>|"")(?= \w+=|$)'
    attributes = {k: v.strip('"') for k, v in re.findall(r'(\w+)=("[^"]*"|\S+)', re.sub(labels, "", text))}
    for name, label in re.findall(labels, text):
        html = re.sub(r"</TR>|<BR/>", "\n", label[1:-1])
        attributes[name] = unescape(re.sub(r"<[^>]*>", "", html)).replace("\xa0", " ").strip()
    return attributes


@pytest.fixture
def line():
    """m·x + b, after a backward pass."""
    m, x, b = Value(3.0, "m"), Value(2.0, "x"), Value(1.0, "b")
    y = m * x + b
    y.label = "y"
    y.backward()
    return SimpleNamespace(m=m, x=x, b=b, y=y)


@pytest.fixture
def neuron():
    x1, x2, w1, w2 = Value(2.0, "x₁"), Value(-1.0, "x₂"), Value(0.5, "w₁"), Value(1.5, "w₂")
    o = (x1 * w1 + x2 * w2 + Value(0.9, "b")).tanh()
    o.label = "o"
    o.backward()
    return SimpleNamespace(inputs=(x1, x2), o=o)


@pytest.fixture
def layer():
    """Σ σ(W x + b), after a backward pass."""
    W, b = Tensor([[0.1, 0.7], [0.3, -0.2]], "W"), Tensor([0.0, 1.0], "b")
    x = Tensor([0.5, 0.8], "x", requires_grad=False)
    s = (W @ x + b).sigmoid().sum()
    s.label = "s"
    s.backward()
    return SimpleNamespace(W=W, x=x, b=b, s=s)


@pytest.fixture
def simple():
    """x·x + m·x, whose x gets three contributions."""
    x, m = Value(3.0, "x"), Value(2.0, "m")
    p, q = x * x, m * x
    y = p + q
    p.label, q.label, y.label = "p", "q", "y"
    return SimpleNamespace(x=x, m=m, p=p, q=q, y=y)


@pytest.fixture
def repeated():
    """A loss over many samples: nodes of the same structure."""
    w, b, loss = Value(0.5, "w"), Value(0.1, "b"), Value(0.0, requires_grad=False)
    for x in np.random.default_rng(0).normal(size=60):
        loss = loss + (w * x + b).tanh() ** 2
    loss.label = "L"
    return SimpleNamespace(w=w, b=b, y=loss)


@pytest.fixture
def opened(browser, tab, tmp_path):
    """Opens a figure's page; at the end there must have been no message in the console, no error and no request."""
    pages, said = [], []
    watch = ExitStack()

    def open_page(figure, width=1000, dark=False, height=844):
        path = figure.save(tmp_path / f"{len(pages)}.html")
        page = blank(browser.new_page() if pages else tab, width, height, "dark" if dark else "light")
        listeners = listening(
            page,
            console=lambda message: said.append(message.text),
            pageerror=lambda error: said.append(str(error)),
            request=lambda request: said.append(request.url) if request.url != path.as_uri() else None,
        )
        watch.enter_context(listeners)
        page.goto(path.as_uri())
        pages.append(page)
        return page

    with watch:
        yield open_page
    for page in pages[1:]:
        page.close()
    assert said == []
