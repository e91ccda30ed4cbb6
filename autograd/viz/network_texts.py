"""The texts around the neurons of ``draw_network``: titles, a legend, tooltips, and one neuron's sums written out."""

from __future__ import annotations

from collections.abc import Sequence

from autograd.viz.neuron_cards import Write, left_out
from autograd.viz.neurons import Net
from autograd.viz.weighted_sums import Layer

__all__ = ["sentence", "titles", "written_out"]

TERMS = 4  # so many terms of a sum stand in one line


def titles(c: int, layer: Layer) -> list[str]:
    """Write what stands below a column, in lines."""
    hidden = len(layer.output) - len(layer.drawn)
    count = f"{len(layer.output)} neurons, " if c else ""  # the first column's note counts the inputs
    return [layer.title, layer.note, *([f"{count}{len(layer.drawn)} drawn"] if hidden else [])]


def sentence(layer: Layer, j: int, known: bool, write: Write) -> str:
    """Describe a neuron in a line, with its derivatives or without."""
    if layer.z is None:
        return f"input {j + 1} = {write(layer.output[j])}"
    parts = [f"z = {write(layer.z[j])}", f"output {write(layer.output[j])}"]
    parts += [] if layer.bias is None else [f"bias {write(layer.bias[j])}"]
    if known and layer.error is not None and layer.delta is not None:
        parts += [f"∂L/∂a = {write(layer.error[j])}", f"f′(z) = {write(layer.slopes[j])}"]
        parts += [f"through other outputs {write(layer.across[j])}"] if j in layer.across else []
        parts.append(f"δ = {write(layer.delta[j])}")
    return f"{layer.title}, neuron {j + 1}: {', '.join(parts)}"


def written_out(net: Net, known: bool, write: Write) -> list[str]:
    """Write the sums of the neuron in focus with all of their numbers, in lines; δs only where they are known."""
    if net.focus is None:
        return []
    c, j, rest = net.focus
    layer, before = net.layers[c], net.layers[c - 1]
    assert layer.z is not None
    weights, drawn = layer.weights[j], list(before.drawn)
    more = _more(len(weights) - len(drawn), left_out(weights, before.output, drawn), write)
    more += [] if layer.bias is None else [f"{write(layer.bias[j])} (bias)"]
    lines = [f"{layer.title}, neuron {j + 1}"]
    lines += _sum("z", [(weights[i], before.output[i]) for i in drawn], more, layer.z[j], write)
    lines.append(f"a = f(z) = {write(layer.output[j])}")
    if not known or layer.error is None or layer.delta is None:
        return lines
    if c + 1 < len(net.layers):
        after = net.layers[c + 1]
        assert after.delta is not None
        products = [(after.weights[k][j], after.delta[k]) for k in after.drawn]
        lines += _sum("∂L/∂a", products, _more(len(after.output) - len(products), rest, write), layer.error[j], write)
    else:
        lines.append(f"∂L/∂a = {write(layer.error[j])}, the derivative of the loss")
    across = [f"{write(layer.across[j])} (others)"] if j in layer.across else []
    return lines + _sum("δ", [(layer.error[j], layer.slopes[j])], across, layer.delta[j], write)


def _more(count: int, rest: float, write: Write) -> list[str]:
    """Write what is left out of a sum as one number."""
    return [f"({count} more: {write(rest)})"] if count else []


def _sum(
    name: str, products: Sequence[tuple[float, float]], more: Sequence[str], result: float, write: Write
) -> list[str]:
    """Write a sum of products with its result, a few terms a line."""
    terms = [" · ".join(_bracketed(write(x)) for x in pair) for pair in products]
    terms += [text if text.startswith("(") else _bracketed(text) for text in more]
    lines = [" + ".join(terms[i : i + TERMS]) for i in range(0, len(terms), TERMS)] or ["0"]
    lines[0] = f"{name} = {lines[0]}"
    lines[1:] = [f"+ {line}" for line in lines[1:]]
    lines[-1] += f" = {write(result)}"
    return lines


def _bracketed(text: str) -> str:
    number, space, words = text.partition(" ")
    return f"({number}){space}{words}" if number.startswith("−") else text
