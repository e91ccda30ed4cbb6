"""Pictures of training: what is drawn, from what, on which axes."""

import numpy as np
import pytest

import nn
from nn import plots
from nn.plots.axes import COLOURS

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

X, Y = nn.data.moons(60, rng=0)


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def trained():
    model = nn.MLP([2, 5, 1], "tanh", output="sigmoid", rng=0)
    history = nn.fit(
        model, X, Y[:, None], loss="bce", epochs=4, validation_data=(X, Y[:, None]), metrics=["accuracy"], rng=0,
        record=["weights"], optimizer=nn.optim.Adam(model.parameters(), 0.05), progress=False,
    )  # fmt: skip
    return model, history


def test_the_curves_of_a_history(trained):
    ax = trained[1].plot()
    left, right = ax, ax.figure.axes[1]
    assert [line.get_label() for line in left.lines] == ["loss", "val_loss"]
    assert [line.get_label() for line in right.lines] == ["accuracy", "val_accuracy"]
    np.testing.assert_array_equal(left.lines[0].get_ydata(), trained[1]["loss"])
    np.testing.assert_array_equal(left.lines[0].get_xdata(), [1, 2, 3, 4])
    ax = plt.figure().add_subplot()
    assert plots.curves({"loss": [1.0, 0.0]}, ax) is ax
    assert ax.get_yscale() == "linear"


@pytest.mark.parametrize(
    ("losses", "scale"),
    [([0.69, 0.64], "linear"), ([1.0, 0.11], "linear"), ([1.0, 0.1], "log"), ([1e3, np.nan, 1.0], "log"),
     ([], "linear"), ([np.inf, 0.5], "linear"), ([2.0, -1.0], "linear")],
)  # fmt: skip
def test_losses_that_span_a_magnitude_have_a_logarithmic_axis(losses, scale):
    assert plots.curves({"loss": losses, "accuracy": [0.01, 1.0]}).get_yscale() == scale


def test_a_legend_of_many_long_names_is_not_cut():
    names = ["loss", "accuracy", "r2", "max_error", "mean_absolute_error", "balanced_accuracy"]
    logs = {prefix + name: [1.0, 2.0] for prefix in ("", "val_") for name in names}
    ax = plots.curves(logs)
    right = ax.figure.axes[1]
    ax.figure.canvas.draw()
    legend, label, paper = right.get_legend(), right.yaxis.label, ax.figure.bbox
    assert [text.get_text() for text in legend.get_texts()] == [*names, "validation"]
    for part in (legend, label):
        box = part.get_window_extent()
        assert paper.x0 <= box.x0 < box.x1 <= paper.x1
        assert paper.y0 <= box.y0 < box.y1 <= paper.y1
    assert ax.get_window_extent().width > 0.6 * paper.width
    assert legend._ncols > 1  # in as few rows as the width allows


@pytest.mark.parametrize("draw", [nn.History.plot, nn.History.plot_weights], ids=["curves", "weights"])
def test_epochs_are_counted_in_whole_numbers(trained, draw):
    ticks = draw(trained[1]).get_xticks()
    np.testing.assert_array_equal(ticks, np.round(ticks))


def test_the_curves_of_all_weights(trained):
    ax = trained[1].plot_weights()
    assert len(ax.lines) == 5 * 2 + 5 + 5 + 1
    assert all(len(line.get_ydata()) == 5 for line in ax.lines)
    assert ax.lines[0].get_ydata()[-1] == trained[0][0].weight.data[0, 0]
    with pytest.raises(ValueError, match=r"record=\['weights'\]"):
        nn.History().plot_weights()


class Halves(nn.Module):
    def forward(self, x):
        return (np.asarray(x)[:, :1] > 0) * 1.0


def classes_in(ax):
    mesh = ax.collections[0]
    return np.asarray(mesh.get_array()).reshape(50, 50)


def test_a_decision_boundary_is_where_the_class_changes():
    points = np.array([[-1.0, -1.0], [1.0, 1.0]])
    ax = plots.decision_boundary(Halves(), points, [0, 1], resolution=50)
    assert (classes_in(ax)[:, :25] == 0).all()
    assert (classes_in(ax)[:, 25:] == 1).all()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["0", "1"]
    columns = lambda grid: np.stack([grid[:, 0] * 0, grid[:, 0], grid[:, 1] - 2], axis=1)
    ax = plots.decision_boundary(columns, points, np.eye(3)[[0, 1]], resolution=50)
    assert set(np.unique(classes_in(ax))) == {0, 1}
    ax = plots.decision_boundary(Halves(), points, [1, 1], resolution=50)
    assert [line.get_color() for line in ax.lines] == [COLOURS[1]]  # a class has its colour, also alone
    with pytest.raises(ValueError, match=r"shape \(n, 2\), not \(5, 3\)"):
        plots.decision_boundary(Halves(), np.ones((5, 3)))


def test_a_decision_boundary_of_an_estimator_and_of_scalars():
    names = np.array(["left", "right"])[Y]
    classifier = nn.MLPClassifier((4,), solver="lbfgs", max_iter=500, random_state=0).fit(X, names)
    ax = plots.decision_boundary(classifier, X, names, resolution=50)
    assert set(np.unique(classes_in(ax))) == {0, 1}
    net = nn.MLP([2, 1], output="sigmoid", scalar=True, rng=0)
    assert plots.decision_boundary(net, X, resolution=50).get_legend() is None


@pytest.mark.parametrize(
    ("outputs", "threshold", "sure"),
    [
        (lambda p: p[:, None], 0.5, lambda p: abs(2 * p - 1)),
        (lambda p: np.log(p / (1 - p))[:, None], 0.0, lambda p: abs(2 * p - 1)),
        (lambda p: np.stack([1 - p, p], axis=1), 0.5, lambda p: abs(2 * p - 1)),
        (lambda p: np.log(np.stack([1 - p, p], axis=1)) + 3, 0.5, lambda p: abs(2 * p - 1)),
        (lambda p: np.stack([p / 2, p / 2, 1 - p], axis=1), 0.5, lambda p: 1.5 * np.fmax(p / 2, 1 - p) - 0.5),
    ],
    ids=["probability", "score", "probabilities", "scores", "three"],
)
def test_the_shade_is_how_sure_the_classifier_is(outputs, threshold, sure):
    p = lambda grid: 1 / (1 + np.exp(-grid[:, 0]))
    ax = plots.decision_boundary(lambda grid: outputs(p(grid)), np.array([[-1.0, -1.0], [1.0, 1.0]]), resolution=50,
                                 threshold=threshold)  # fmt: skip
    x = np.linspace(-1.2, 1.2, 50)
    np.testing.assert_allclose(ax.collections[0].get_alpha()[0], 0.06 + 0.5 * sure(p(x[:, None])), atol=1e-12)
    lines = [line for contour in ax.collections[1:] for path in contour.get_paths() for line in path.vertices]
    assert np.ptp(np.array(lines)[:, 0]) < 1e-9
    assert [text.get_text() for text in ax.texts if text.get_text()] in ([f"{threshold:g}"], [])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("columns", [1, 2, 3])
def test_where_the_output_is_nan_there_is_no_region(columns):
    output = lambda grid: np.where(grid[:, :1] > 0, np.nan, 0.7) * np.ones(columns)
    ax = plots.decision_boundary(output, np.array([[-1.0, -1.0], [1.0, 1.0], [np.nan, 0.0]]), resolution=50)
    alpha = ax.collections[0].get_alpha().reshape(50, 50)
    assert ((alpha == 0) == (np.linspace(-1.2, 1.2, 50) > 0)).all()
    ax.figure.canvas.draw()


@pytest.mark.parametrize("points", [[[1.0, 2.0]], [[0.0, 3.0], [1.0, 3.0], [5.0, 3.0]]])
def test_points_on_a_line_have_a_region_around_them(points):
    ax = plots.decision_boundary(Halves(), points, resolution=5)
    assert min(np.ptp(ax.get_xlim()), np.ptp(ax.get_ylim())) >= 1


@pytest.mark.parametrize(
    ("points", "resolution", "message"),
    [([[np.nan, 1.0]], 5, "no finite point"), (np.zeros((0, 2)), 5, "no finite point"), (X, 1, "2 or more, not 1")],
)
def test_what_has_no_region_is_refused(points, resolution, message):
    with pytest.raises(ValueError, match=message):
        plots.decision_boundary(Halves(), points, resolution=resolution)


def test_a_plane_has_equal_axes_unless_one_is_far_longer():
    assert plots.decision_boundary(Halves(), X, resolution=5).get_aspect() == 1
    assert plots.decision_boundary(Halves(), X * [1, 20], resolution=5).get_aspect() == "auto"


def test_a_confusion_matrix():
    ax = plots.confusion_matrix([0, 0, 1, 1, 1], [0, 1, 1, 1, 0])
    assert [text.get_text() for text in ax.texts] == ["1", "1", "1", "2"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted", "true")
    bx = plots.confusion_matrix(["b", "a", "b"], ["a", "a", "b"], labels=["b", "a", "c"])
    assert [text.get_text() for text in bx.texts] == ["1", "1", "0", "0", "1", "0", "0", "0", "0"]
    assert [text.get_text() for text in bx.get_xticklabels()] == ["b", "a", "c"]
    with pytest.raises(ValueError, match="3 classes, but 2 predicted ones"):
        plots.confusion_matrix([0, 1, 1], [0, 1])


def test_a_loss_surface_with_paths():
    f = lambda a, b: a * a + 3 * b
    ax = plots.loss_surface(f, (-1, 1), (-2, 2), path=[(1, 1), (0.5, 0.5)])
    assert ax.get_xlim() == (-1, 1)
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), [(1, 1), (0.5, 0.5)])
    one_at_a_time = lambda a, b: float(a) ** 2 + 3 * float(b)
    bx = plots.loss_surface(one_at_a_time, (-1, 1), (-2, 2), path={"a": [(0, 0)], "b": [(1, 1)]})
    assert [text.get_text() for text in bx.get_legend().get_texts()] == ["a", "b"]
    np.testing.assert_allclose(ax.collections[0].get_clim(), bx.collections[0].get_clim())


def test_weights_are_pictures_on_one_scale(trained):
    axes = plots.weights(trained[0])
    images = [ax.images[0] for ax in axes]
    assert [ax.get_title() for ax in axes] == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert [image.get_array().shape for image in images] == [(5, 2), (5, 1), (1, 5), (1, 1)]
    assert len({image.get_clim() for image in images}) == 1
    assert images[0].get_clim()[0] == -images[0].get_clim()[1]
    with pytest.raises(ValueError, match="no parameters"):
        plots.weights(nn.ReLU())


@pytest.mark.parametrize("sizes", [[2, 5, 1], [8, 8, 3]])
def test_cells_of_weights_are_equally_large_and_hold_their_numbers(sizes):
    model = nn.MLP(sizes, rng=0)
    axes = plots.weights(model)
    axes[0].figure.canvas.draw()
    cells = [np.diff(ax.transData.transform([(0, 0), (1, 1)]), axis=0)[0] for ax in axes]
    np.testing.assert_allclose(np.abs(cells), abs(cells[0][0]), rtol=0.02)
    for ax, w in zip(axes, model.state_dict().values(), strict=True):
        assert [text.get_text() for text in ax.texts] == [f"{x:.2g}".replace("-", "−") for x in w.ravel()]
    for text in axes[0].texts:
        assert text.get_window_extent().width <= abs(cells[0][0])


def test_weights_that_are_not_finite_are_read():
    layer = nn.Linear(2, 2, bias=False)
    layer.weight.data = [[np.nan, np.inf], [-0.0, 0.5]]
    (ax,) = plots.weights(layer)
    assert [text.get_text() for text in ax.texts] == ["nan", "inf", "0", "0.5"]
    assert ax.images[0].get_array()[0, 1] == 0.5  # the strongest colour, on which white is read
    assert ax.texts[1].get_color() == "white"


def test_a_single_epoch_is_seen():
    assert plots.curves({"loss": [1.0]}).lines[0].get_marker() == "o"
    assert plots.weight_curves({"w": [[1.0, 2.0]]}).lines[0].get_marker() == "o"
    assert plots.curves({"loss": [1.0, 0.5]}).lines[0].get_marker() == "None"


def test_large_matrices_hold_no_numbers_and_small_panels_neither():
    assert not any(ax.texts for ax in plots.weights(nn.MLP([9, 20, 9], rng=0)))
    assert not any(ax.texts for ax in plots.weights(nn.MLP([40, 5, 1], rng=0))[:1])
    small = plt.figure(figsize=(3, 1)).subplots(1, 2)
    assert not any(ax.texts for ax in plots.weights(nn.Linear(8, 8, rng=0), small))


def test_the_live_view_shows_one_display_and_updates_it(monkeypatch):
    ipython = pytest.importorskip("IPython.display")
    events = []

    class Handle:
        def update(self, figure):
            events.append(("update", figure.data[:4]))

    def display(figure, display_id):
        events.append(("display", figure.data[:4]))
        return Handle()

    monkeypatch.setattr(ipython, "display", display)
    train = lambda: nn.fit(
        model, X, Y[:, None], loss="bce", epochs=4, callbacks=[nn.LiveView(every=2, interval=0)], progress=False
    )
    model = nn.MLP([2, 3, 1], "tanh", output="sigmoid", rng=0)
    train()
    assert not events  # a plain program has nobody who looks
    monkeypatch.setattr("IPython.get_ipython", object)
    train()
    assert [kind for kind, _ in events] == ["display", "update", "update"]
    assert all(start == b"\x89PNG" for _, start in events)
    assert not plt.get_fignums()


def test_the_live_view_leaves_the_boundary_out_where_there_is_no_plane():
    figures = []
    view = nn.LiveView()
    for model, x in ((nn.MLP([2, 3, 1]), X), (nn.Linear(3, 1), np.ones((4, 3)))):
        see = lambda run: figures.append(view.draw(run))
        nn.fit(model, x, np.ones((len(x), 1)), loss="mse", epochs=1, callbacks=[see], progress=False)
    assert [len(figure.axes) for figure in figures] == [2 + 4 + 1, 1 + 2 + 1]


def test_the_gradients_of_each_layer_over_the_epochs():
    model = nn.MLP([2, *[8] * 5, 1], "sigmoid", rng=0)
    history = nn.fit(
        model, X, Y[:, None], loss="bce_with_logits", epochs=3, record=["gradients"], rng=0, progress=False
    )
    ax = history.plot_gradients()
    lines = [line for line in ax.lines if not line.get_label().startswith("_")]
    assert [line.get_label() for line in lines] == ["0", "2", "4", "6", "8", "10"]
    assert ax.get_yscale() == "log"
    for line in lines:
        parts = [history.gradients[f"{line.get_label()}.{p}"] for p in ("weight", "bias")]
        flat = [np.concatenate([w.ravel(), b.ravel()]) for w, b in zip(*parts, strict=True)]
        np.testing.assert_allclose(line.get_ydata(), [np.sqrt(np.mean(f**2)) for f in flat], rtol=1e-12)
    sizes = [line.get_ydata()[0] for line in lines]
    assert sizes == sorted(sizes)  # They vanish towards the input.
    with pytest.raises(ValueError, match=r"record=\['gradients'\]"):
        nn.History().plot_gradients()


def test_a_gradient_of_zero_is_a_cross_and_a_tiny_one_is_not_zero():
    ax = plots.gradient_curves({"a.weight": [[0.0], [1e-200], [np.inf]], "b": [[1.0], [1.0], [1.0]]})
    assert [line.get_label() for line in ax.lines if not line.get_label().startswith("_")] == ["a", "b"]
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), [np.nan, 1e-200, np.inf])
    np.testing.assert_array_equal(ax.lines[1].get_xdata(), [1])
