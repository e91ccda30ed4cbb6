"""What a wheel has as ``autograd.py``, beside the package ``autograd``.

Python reads it only where the package has lost its ``__init__.py``. That is what removing HIPS autograd leaves when
both distributions were installed: pip removes the files that both have.
"""

raise ImportError(
    "autograd of graphgrad lost files when HIPS autograd, a distribution with the same import name, was removed: run "
    "`pip uninstall autograd graphgrad`, then install graphgrad again"
)
