"""What is said where the package's own extra is not installed."""

__all__ = ["lacking"]


def lacking(module: str, error: ModuleNotFoundError) -> ImportError:
    """The lesson for a module that needs hypothesis.

    Examples
    --------
    >>> lacking("tests.helpers.twin", ModuleNotFoundError(name="hypothesis"))
    ImportError("tests.helpers.twin needs hypothesis: pip install 'graphgrad[testing]'")
    """
    if error.name is None or error.name.partition(".")[0] != "hypothesis":
        return error
    return ImportError(f"{module} needs hypothesis: pip install 'graphgrad[testing]'", name="hypothesis")
