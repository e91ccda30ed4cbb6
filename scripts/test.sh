#!/usr/bin/env bash
# Every test and every example in a docstring. Needs nothing but Python 3.11 or newer.
# Arguments go to pytest (-k name, -x, --cov, which takes half as long again, ...).
set -euo pipefail

source "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
prepare oracle,dev,draw,plot,data,nn,numba,dask,onnx,stored
cd "$ROOT"
# The installed plugin would import the packages before their coverage is counted; its tests start their own pytest.
exec "$PY" -m pytest -p no:autograd.testing.plugin -n 2 --doctest-modules autograd nn tests "$@"
