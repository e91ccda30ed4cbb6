"""The scripts in this folder are what tests/test_micrograd_scripts.py runs; they import micrograd, so nothing collects them."""

collect_ignore_glob = ["*.py"]
