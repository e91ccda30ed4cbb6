"""What hatchling does beside copying the packages: without_init.py goes into a wheel, as ``autograd.py``.

An editable installation must not have it: there it would stand before the package on the path.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Hook(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            build_data["force_include"]["scripts/without_init.py"] = "autograd.py"
