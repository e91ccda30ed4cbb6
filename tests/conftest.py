import sys
from textwrap import wrap

import numpy
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


# Tests that use what NumPy has from 2.1 on: names, or arguments by keyword.
_OF_NUMPY_2_1 = {
    "test_numpys_function_of_nodes_is_numpys_function_of_their_data[reshape]", "test_where_takes_its_arguments_by_name",
    "test_norms_of_nothing_are_numpys", "test_functions_of_the_table_keep_their_derivatives[sin1]",
    "test_what_arrays_have_of_the_late_chapters_is_a_method_too", "test_a_mistake_brings_its_lesson[anp.unstack(v)]",
    "test_a_mistake_brings_its_lesson[anp.cumulative_sum(A)]",
}  # fmt: skip
# Tests of texts that Python 3.14 writes in other words, or with other marks.
_OF_PYTHON_UP_TO_3_13 = {
    "test_a_mistake_brings_its_lesson[A.mean(0, keepdim=True)]",
    "test_a_shape_error_shows_the_line_of_ours_that_refuses_it",
    "test_a_mistake_brings_its_lesson[x.sum().backward(create_graph=True)]",
}  # fmt: skip


def pytest_collection_modifyitems(items):
    """Skip what another version of NumPy or Python is needed for."""
    old_numpy = tuple(map(int, numpy.__version__.split(".")[:2])) < (2, 1)
    for item in items:
        names = {item.name, item.name.partition("[")[0]}
        if old_numpy and names & _OF_NUMPY_2_1:
            item.add_marker(pytest.mark.skip(reason="needs NumPy 2.1"))
        if sys.version_info >= (3, 14) and names & _OF_PYTHON_UP_TO_3_13:
            item.add_marker(pytest.mark.skip(reason="is about the words of Python up to 3.13"))


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
