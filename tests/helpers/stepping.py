"""What tests of the stepper's page read in it."""

import json
import re

from autograd.graph.formatting import value_text

__all__ = ["data", "filled", "go", "gradients_on_page", "plain"]


def data(page):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page)[1])


def filled(content, step, key):
    """A formula of a step with its numbers, as the page writes it."""
    last = {s["to"]: s["total"] for s in content["steps"] if "to" in s}

    def text(part):
        if isinstance(part, str):
            return part
        place = part[0] if isinstance(part, list) else part
        number = {-1: lambda: last[step["node"]], -2: lambda: step["factor"]}.get(
            place, lambda: content["nodes"][place]["value"]
        )()
        return f"({number})" if isinstance(part, list) and number.startswith("−") else number

    return "".join(map(text, step[key]))


def gradients_on_page(page):
    rows = page.locator("#ledger tr")
    return {rows.nth(i).locator("th").inner_text(): rows.nth(i).locator("td").last.inner_text()
            for i in range(rows.count())}  # fmt: skip


def go(page, step):
    page.evaluate(f"show({step})")


def plain(gradient):
    return " ".join(value_text(gradient).split())  # a page folds spaces
