"""What carries the project on: changelog, citation, workflows, forms and hooks, and what they say of each other."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
WORKFLOWS = sorted(ROOT.glob(".github/workflows/*.yml"))
FORMS = sorted(p for p in ROOT.glob(".github/ISSUE_TEMPLATE/*.yml") if p.name != "config.yml")
KINDS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]
every_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def read(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_the_changelog_keeps_the_form():
    versions = re.findall(r"^## (.*)$", text("CHANGELOG.md"), re.M)
    assert versions[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", v) for v in versions[1:])
    for section in re.split(r"^## ", text("CHANGELOG.md"), flags=re.M)[1:]:
        kinds = re.findall(r"^### (.*)$", section, re.M)
        assert kinds == [k for k in KINDS if k in kinds], f"the headings, in this order, are {KINDS}"


def test_the_citation_is_complete_and_of_this_version():
    citation = yaml.safe_load(text("CITATION.cff"))
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == PROJECT["project"]["version"]
    assert citation["license"] == PROJECT["project"]["license"]


@every_workflow
def test_a_workflow_may_read_only_and_pins_major_versions(path):
    workflow = read(path)
    assert workflow["permissions"] == {"contents": "read"}
    assert "group" in workflow["concurrency"]
    for name, job in workflow["jobs"].items():
        assert job["timeout-minutes"] <= 360, name
        assert set(job.get("permissions", {}).items()) <= {("pages", "write"), ("id-token", "write")}
        for step in job["steps"]:
            assert re.fullmatch(r"[\w./-]+@(v\d+|release/v\d+)", step.get("uses", "a/b@v1"))
            if "actions/checkout" in step.get("uses", ""):
                assert job.get("permissions", {}) == {}, "what may write runs no code of the repository"
            for script in re.findall(r"(?<![\w/])(?:scripts|\.ci)/[\w./-]+", step.get("run", "")):
                assert (ROOT / script).is_file()


@pytest.mark.skipif(shutil.which("actionlint") is None, reason="actionlint is not installed")
def test_actionlint_finds_nothing():
    done = subprocess.run(["actionlint"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_matrix_is_what_the_classifiers_say():
    matrix = read(ROOT / ".github/workflows/ci.yml")["jobs"]["core"]["strategy"]["matrix"]
    stated = [c.rpartition(" ")[2] for c in PROJECT["project"]["classifiers"] if "Python :: 3." in c]
    assert matrix["python"] == stated
    assert f">={stated[0]}" == PROJECT["project"]["requires-python"]
    rows = re.findall(r"^\| (3\.\d+) \| ([\d., ]+) \|", text("docs/versions.md"), re.M)
    assert [python for python, _ in rows] == stated
    oldest = next(d for d in PROJECT["project"]["dependencies"] if d.startswith("numpy"))
    assert oldest == f"numpy>={rows[0][1].partition(',')[0]}"


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_an_issue_form_is_one_that_can_be_filled(path):
    form = read(path)
    assert {"name", "description", "body"} <= form.keys()
    ids = [field["id"] for field in form["body"]]
    assert len(set(ids)) == len(ids)
    for field in form["body"]:
        assert field["type"] in ("textarea", "input")
        assert field["attributes"]["label"]
        assert isinstance(field["validations"]["required"], bool)


def test_the_hooks_run_what_is_there():
    (local,) = read(ROOT / ".pre-commit-config.yaml")["repos"]
    assert local["repo"] == "local"
    for hook in local["hooks"]:
        python, *arguments = hook["entry"].split()
        assert python == ".venv/bin/python"
        assert arguments[0] == "-m" or (ROOT / arguments[0]).is_file()


def test_what_a_source_distribution_takes_is_there():
    for name in PROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]:
        assert (ROOT / name).exists()


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "SECURITY.md", "docs/versions.md", "docs/add_an_op.md"])
def test_the_files_that_a_page_names_are_there(name):
    named = re.findall(r"(?<![\w/])(?:autograd|nn|tests|scripts|docs|\.ci)/[\w./-]*\w", text(name))
    invented = {"docs/NAME.md", "docs/pictures/NAME.svg", "docs/ops/softshrink.svg"}
    assert [n for n in named if not (ROOT / n).exists() and n not in invented] == []
    linked = re.findall(r"\]\((?!http)([^)#]+)", text(name))
    assert [n for n in linked if not (ROOT / name).parent.joinpath(n).exists()] == []
