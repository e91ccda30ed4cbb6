"""The site: no public module is left out of it, and what the check of a built site is there to find, it finds."""

import re
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from tests.helpers.browser import CHROMIUM
from tests.test_surface import SPACES

ROOT = Path(__file__).parents[2]
IN_CHROMIUM = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the PATH")


def loaded(path):
    spec = spec_from_file_location(path.stem, path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


reference = loaded(ROOT / "docs" / "site_reference.py")
check = loaded(ROOT / "scripts" / "site_check.py")

# What stands under HIPS autograd's names is told of in docs/coming_from_hips.md, by what it is there.
HIPS = re.compile(r"autograd\.(numpy|scipy|misc|core|wrap_util|differential_operators)\b")
AGAIN = {"autograd.transforms", "nn.estimators", "nn.layers"}  # their names are those of the package


def test_every_public_module_has_a_page():
    assert {name for name in SPACES if not HIPS.match(name)} - AGAIN <= set(reference.MODULES)


def test_what_has_no_page_of_its_own_is_offered_by_a_module_that_has():
    for name in AGAIN:
        package = import_module(name.rpartition(".")[0])
        assert set(SPACES[name].__all__) <= set(package.__all__)


@pytest.mark.parametrize("name", reference.MODULES)
def test_every_public_name_has_one_entry(name):
    module, own = import_module(name), reference.entries()[name]
    for public in reference.names(module):
        others = reference.aliases().get(f"{name}.{public}")
        on_the_table = name == "autograd" and public in reference.ops()
        assert (public in own) + (others is not None and not on_the_table) + on_the_table == 1
    listed = "".join(reference.pages_of(name).values())
    for public, kind in own.items():
        assert listed.count(f".. auto{kind}:: {name}.{public}\n") == 1


def test_every_example_on_a_page_is_run():
    run = re.search(r".* -m doctest .*", (ROOT / ".ci" / "run").read_text(encoding="utf-8"))[0].split()
    covered = {path for word in run for path in ROOT.glob(word) if path.suffix == ".md"}
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("scripts/**/*.md")]
    with_examples = {page for page in pages if re.search(r"^\s*>>> ", page.read_text(encoding="utf-8"), re.MULTILINE)}
    assert with_examples
    assert with_examples <= covered


# ---- what the check finds ----


@pytest.fixture
def site(tmp_path):
    def made(**pages):
        for name, body in pages.items():
            head = f'<meta charset="utf-8"><link rel="icon" href="data:,"><title>{name}</title>'
            (tmp_path / f"{name}.html").write_text(f"<!doctype html>{head}<body>{body}", encoding="utf-8")
        return tmp_path

    return made


def test_links_that_lead_nowhere_are_found(site):
    read = check.pages(site(a='<p id="here"></p><a href="b.html#there"></a><a href="c.html"></a>', b='<i id="x"></i>'))
    assert [re.sub(r"^.*/", "", fault) for fault in check.broken_links(read)] == [
        "a.html: no anchor b.html#there",
        "a.html: no file c.html",
    ]
    good = '<p id="here"></p><a href="#here"></a><a href="b.html#x"></a><a href="https://numpy.org"></a>'
    assert not list(check.broken_links(check.pages(site(a=good))))


def test_images_without_a_text_are_found(site):
    read = check.pages(
        site(
            a='<img src="a.svg"><img src="b.svg" alt=""><img src="c.svg" alt="The graph"><img src="d.svg" alt="d.svg">'
        )
    )
    assert [fault.partition(": ")[2] for fault in check.mute_images(read)] == [
        "no alt text of a.svg",
        "no alt text of b.svg",
        "no alt text of d.svg",
    ]


FAULTY = {
    "wide": ('<div style="width: 500px">wide</div>', "508 px wide in light colours"),
    "dark": (
        "<style>@media (prefers-color-scheme: dark) { i { padding: 500px } }</style><i>x</i>", "wide in dark colours"
    ),
    "missing": ('<img src="missing.svg" alt="missing">', "404"),
    "elsewhere": (
        '<script src="http://192.0.2.1/script.js" async></script>', r"asks for http://192\.0\.2\.1/script\.js"
    ),
    "console": ("<script>console.error('no')</script>", "console: no"),
    "thrown": ("<script>throw Error('thrown')</script>", "error: thrown"),
}  # fmt: skip


@IN_CHROMIUM
def test_what_goes_wrong_in_a_browser_is_found_on_its_page_alone(site):
    pytest.importorskip("playwright")
    where = site(good="<p>all is well</p>", **{name: body for name, (body, _) in FAULTY.items()})
    faults = list(check.seen_faults(where, check.pages(where)))
    for name, (_, fault) in FAULTY.items():
        assert any(re.match(rf"{name}\.html at \d+ px: .*{fault}", found) for found in faults)
    assert "wide.html at 390 px: 508 px wide in light colours" in faults
    assert {found.partition(".html at ")[0] for found in faults} == FAULTY.keys()


def test_the_root_of_the_site_leads_to_its_first_page():
    """A host of pages shows ``index.html`` at the root, and Sphinx writes none there."""
    conf = (ROOT / "docs" / "conf.py").read_text(encoding="utf-8")
    assert 'html_extra_path = ["_root"]' in conf
    assert 'root_doc = "docs/index"' in conf
    page = ROOT / "docs" / "_root" / "index.html"
    assert check.Page(page).links == ["docs/index.html"]
    assert 'http-equiv="refresh" content="0; url=docs/index.html"' in page.read_text(encoding="utf-8")


def test_the_site_is_checked_in_ci():
    text = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "scripts/docs.sh --build" in text
    assert "scripts/site_check.py" in text


def test_questions_name_pages_that_exist():
    sources = {p.relative_to(ROOT).with_suffix("").as_posix() for p in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]}
    sources |= {f"notebooks/{p.stem}" for p in ROOT.glob("notebooks/*.ipynb")}
    sources |= {f"docs/reference/{name}" for name in reference.MODULES}  # which Sphinx writes
    lines = [line for line in check.QUESTIONS.read_text(encoding="utf-8").splitlines() if "→" in line]
    assert len(lines) >= 20
    for line in lines:
        assert {page.strip() for page in line.partition("→")[2].split(" or ")} <= sources
