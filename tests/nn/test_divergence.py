"""A training that diverges says in which layer the first value overflowed."""

import numpy as np
import pytest

import nn
from nn.divergence import describe_overflow

X = np.ones((4, 2))


class Doubled(nn.Module):
    """A module that overflows by itself before it calls its submodule."""

    def __init__(self):
        self.inner = nn.Linear(2, 1, rng=0)

    def forward(self, x):
        return self.inner(x * 1e308 * 10.0)


def net():
    return nn.Sequential(nn.Linear(2, 3, rng=0), nn.Tanh(), nn.Linear(3, 3, rng=1), nn.ReLU(), nn.Linear(3, 1, rng=2))


@pytest.mark.parametrize("k", [0, 2, 4])
@pytest.mark.parametrize("scalars", [False, True])
def test_the_layer_whose_result_overflows(k, scalars):
    model = net()
    model[k].weight.data[...] = 1.5e308
    model[k].bias.data[...] = 1.5e308
    if k:
        model[k - 2].bias.data[...] = 20.0  # so that what it takes is 1 at least
    x = X[0] if scalars else X
    assert describe_overflow(model.to_scalars() if scalars else model, x).startswith(f"the result of {k} (Linear) is")


def test_what_else_may_be_to_blame():
    with np.errstate(all="ignore"):
        assert describe_overflow(Doubled(), X).startswith("the result of the model, Doubled, is the first")
    assert (
        describe_overflow(nn.Linear(2, 1, rng=0), X)
        == "the model's output is finite, so that it overflowed in the loss"
    )
    assert describe_overflow(net(), X * np.nan) == "the samples hold inf or nan"
    model = net()
    model[2].bias.data = [np.inf, 0.0, 0.0]
    assert describe_overflow(model, X) == "2.bias holds inf or nan since the step before"
    model[4].weight.data[...] = np.nan
    assert describe_overflow(model, X) == "2.bias and 1 more hold inf or nan since the step before"


def test_it_leaves_buffers_generators_and_hooks_alone():
    model, seen = nn.Sequential(nn.BatchNorm1d(2), nn.Dropout(0.5, rng=0), nn.Linear(2, 1, rng=0)), []
    model[2].register_forward_hook(lambda *args: seen.append(1))
    state, draws = model.state_dict(), model[1].rng.bit_generator.state
    describe_overflow(model, X + np.arange(4)[:, None])
    assert not seen
    assert model[1].rng.bit_generator.state == draws
    for name, values in model.state_dict().items():
        np.testing.assert_array_equal(values, state[name])


def test_a_model_that_cannot_be_copied_is_no_second_error():
    class Odd(nn.Linear):
        def __deepcopy__(self, memo):
            raise TypeError("no copies")

    assert describe_overflow(Odd(2, 1, rng=0), X) == "it could not be found out where"


@pytest.mark.parametrize("compiled", [False, True])
def test_fit_says_where(compiled):
    model = net()
    model[2].weight.data[...] = 1e300
    where = r"epoch 1, minibatch 1.*: the model's output is finite.*loss; a lower"
    with pytest.raises(FloatingPointError, match=where):  # NumPy's warnings of it, errors here, do not come first.
        nn.fit(model, X, np.ones((4, 1)), loss="mse", progress=False, compiled=compiled)
    model = net()
    optimizer = nn.optim.SGD(model.parameters(), lr=1e300)
    place = r": (the result of \d \(Linear\) is|0\.weight and 5 more hold inf or nan)"
    with pytest.raises(FloatingPointError, match=place):
        nn.fit(model, X, np.ones((4, 1)), loss="mse", optimizer=optimizer, progress=False, compiled=compiled)


@pytest.mark.parametrize("compiled", [False, True])
def test_an_overflow_in_the_last_step_is_no_secret(compiled):
    model = nn.Linear(1, 1, rng=0)
    optimizer = nn.optim.SGD(model.parameters(), lr=1e300)
    with pytest.raises(FloatingPointError, match=r"^fit: weight holds inf or nan since the last step, .*; a lower"):
        nn.fit(model, [[1e10]], [[0.0]], loss="l1", optimizer=optimizer, epochs=1, progress=False, compiled=compiled)


def test_weights_that_a_callback_restores_are_no_error():
    model = nn.Linear(1, 1, rng=0)
    state = model.state_dict()
    optimizer = nn.optim.SGD(model.parameters(), lr=1e300)

    class Restored:
        def on_train_end(self, run):
            run.model.load_state_dict(state)

    nn.fit(model, [[1e10]], [[0.0]], loss="l1", optimizer=optimizer, epochs=1, progress=False, callbacks=[Restored()])
    assert model.weight.data == state["weight"]


def test_who_has_numpy_raise_sees_what_it_raises():
    model = net()
    model[2].weight.data[...] = 1e300
    with np.errstate(over="raise"), pytest.raises(FloatingPointError, match="overflow encountered"):
        nn.fit(model, X, np.ones((4, 1)), loss="mse", progress=False)
