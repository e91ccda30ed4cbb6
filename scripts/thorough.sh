#!/usr/bin/env bash
# The tests that draw their examples, with other examples each time and three times as many as in CI: some minutes.
# The first argument is the seed, by default a random one; it is printed, and finds the same again.
set -euo pipefail

source "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
prepare oracle,dev,draw,plot,data,nn,numba,dask,onnx,stored
cd "$ROOT"
seed="${1:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}"
echo "seed $seed"
mapfile -t files < <(grep -rlE '@given|TestCase|default\.max_examples' tests --include='test_*.py')
exec env OMP_NUM_THREADS=1 "$PY" -m pytest -q -p no:autograd.testing.plugin -n 2 --hypothesis-profile=thorough \
    --hypothesis-seed="$seed" "${files[@]}"
