#!/usr/bin/env bash
# The documentation's site: built into out/site, then served on this machine until Ctrl-C. `--build` only builds.
set -euo pipefail

source "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
prepare docs
cd "$ROOT"
rm -rf out/site out/doctrees # pages that are no longer made would stay
"$PY" -m sphinx --fail-on-warning --keep-going --quiet --jobs auto -b html -d out/doctrees -c docs . out/site
echo "built: out/site/docs/index.html" >&2
if [[ "${1:-}" != --build ]]; then
    exec "$PY" -m http.server --bind 127.0.0.1 --directory out/site "${PORT:-8000}"
fi
