"""Draw the pictures of the README and the docs into docs/pictures, from the code that they show."""

from pathlib import Path

from autograd import Value, tanh, viz

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"


def line() -> viz.Figure:
    """The line y = m·x + b, after a backward pass."""
    m, x, b = Value(3.0, "m"), Value(2.0, "x"), Value(1.0, "b")
    y = m * x + b
    y.label = "y"
    y.backward()
    return viz.draw(y, inputs=[x])


def neuron() -> viz.Figure:
    """A neuron with two inputs, after a backward pass."""
    x1, x2 = Value(2.0, "x₁"), Value(-1.0, "x₂")
    w1, w2, b = Value(0.5, "w₁"), Value(1.5, "w₂"), Value(0.9, "b")
    o = tanh(x1 * w1 + x2 * w2 + b)
    o.label = "o"
    o.backward()
    return viz.draw(o, inputs=[x1, x2])


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for draw in (line, neuron):
        print("wrote", draw().save(FOLDER / f"{draw.__name__}.svg"))
