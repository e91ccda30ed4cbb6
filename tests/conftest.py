import sys
from textwrap import wrap

import pytest
from hypothesis import HealthCheck, Phase, settings

collect_ignore = ["typing"]  # for type checkers: what they say of these files test_typing.py compares

# Every run the same; by hand, `bash scripts/thorough.sh` draws other examples each time, and three times as many.
settings.register_profile(
    "ci",
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
settings.register_profile("thorough", settings.get_profile("ci"), derandomize=False, max_examples=300)
settings.load_profile("ci")


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item):
    """Make `no_cover` hold in pytest-xdist's workers too, where pytest-cov's pause resumes an outer measurement."""
    if item.get_closest_marker("no_cover") is None:
        return (yield)
    trace = sys.gettrace()
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(trace)


def pytest_terminal_summary(terminalreporter, config):
    """How much the tests that are generated from the op table covered; with -v, which mutants are no mistakes."""
    seen = {"case": [], "killed": [], "equal": []}
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) == "call":
                for name, value in report.user_properties:
                    seen[name].append(value)
    if not any(seen.values()):
        return
    ops, equal = len({mutant.split()[0] for mutant in seen["killed"]} | set(seen["case"])), seen["equal"]
    counts = f"{ops} ops, {len(seen['case'])} cases, {len(seen['killed'])} mutants killed"
    terminalreporter.line(f"from the op table: {counts}" + (f", {len(equal)} that change nothing" if equal else ""))
    if config.get_verbosity() > 0:
        for line in wrap("; ".join(sorted(equal)), 118):
            terminalreporter.line("  " + line)


@pytest.fixture
def doubles():
    """Let PyTorch keep what it makes of itself, such as NAdam's product in an optimiser's memory, as doubles."""
    torch = pytest.importorskip("torch")
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)
