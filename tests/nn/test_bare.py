"""What a bare installation can: NumPy and graphviz are there, and nothing that is optional."""

import os
import subprocess
import sys
from pathlib import Path

import nn

CODE = """
import sys

OPTIONAL = {"sklearn", "scipy", "matplotlib", "safetensors", "tqdm", "pooch", "IPython", "pandas", "torch", "jax"}

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in OPTIONAL:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Refuse())
from nn import *
import nn

assert all(hasattr(nn, name) for name in nn.__all__)
for name in ("MLPClassifier", "MLPRegressor"):
    kind = getattr(nn, name)
    assert isinstance(kind, type) and not isinstance(3, kind) and kind is getattr(nn, name)
    for make in (kind, lambda: kind((3,), alpha=1.0), type("Own", (kind,), {})):
        try:
            make()
        except ImportError as error:
            assert "pip install 'graphgrad[data]'" in str(error), error
        else:
            raise AssertionError(name)
X, y = nn.data.moons(40, rng=0)
nn.data.circles(40, rng=0), nn.data.spiral(40, rng=0), nn.data.demand(40, rng=0)
X, scaler = nn.data.standardize(X)
nn.data.min_max(scaler.inverse_transform(X))
X, X_test, y, y_test = nn.data.train_test_split(X, y, rng=0)
names = ["accuracy", "balanced_accuracy", "r2", "mean_absolute_error", "mean_squared_error", "max_error"]
model = nn.MLP([2, 4, 1], "tanh", rng=0)
history = nn.fit(model, X, y[:, None], loss="bce_with_logits", epochs=2, metrics=names, record=["weights"],
                 validation_data=(X_test, y_test[:, None]), callbacks=[nn.EarlyStopping()], rng=0, progress=True)
assert len(history) == 2 and set(names) < set(history)
nn.predict(model, X), model.summary(X)
for call, extra in ((nn.data.iris, "data"), (nn.data.mnist, "data"), (lambda: nn.save(model, "file"), "nn"),
                    (lambda: nn.plots.weights(model), "plot"), (history.plot, "plot"),
                    (lambda: nn.data.train_test_split(X, stratify=y), "data")):
    try:
        call()
    except ImportError as error:
        assert f"pip install 'graphgrad[{extra}]'" in str(error), error
    else:
        raise AssertionError(extra)
print("done")
"""


def test_what_is_numpy_alone_needs_no_extra_and_the_rest_names_it(tmp_path):
    environment = os.environ | {"PYTHONPATH": str(Path(nn.__file__).parents[1]), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", CODE], env=environment, cwd=tmp_path, capture_output=True, text=True,
        timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr
