"""What tests/test_micrograd_scripts.py runs; these scripts import micrograd, so nothing collects them."""

collect_ignore_glob = ["*.py"]
