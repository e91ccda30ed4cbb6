# The environment that the other scripts run in; source this file, then call `prepare extra,extra`.
# It is made in .venv, and used again as long as pyproject.toml stays as it is. Set -o pipefail first: pip may fail.

ROOT="$(CDPATH= cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)"
VENV="$ROOT/.venv"

# Whether a Python runs and is new enough.
_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

# The Python to make the environment with: the first that is new enough and can make one.
_find_python() {
    local candidate found=""
    for candidate in ${PYTHON:+"$PYTHON"} python3 python3.14 python3.13 python3.12 python3.11; do
        _new_enough "$candidate" || continue
        found="$candidate"
        if "$candidate" -c 'import ensurepip, venv' >/dev/null 2>&1; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    if [[ -n "$found" ]]; then
        echo "error: $found has no venv module. Install it (Debian and Ubuntu: apt install python3-venv) and run this again." >&2
    else
        if command -v python3 >/dev/null; then
            echo "error: Python 3.11 or newer is needed, and python3 is $(python3 --version 2>&1)." >&2
        else
            echo "error: Python 3.11 or newer is needed, and there is no python3." >&2
        fi
        echo "Install one, or name it: PYTHON=/path/to/python3 $0" >&2
    fi
    return 1
}

# Of what pip says, a line for each package that it fetches, and one when it has them all.
_progress() {
    local line
    while IFS= read -r line; do
        case "$line" in
            *.metadata*) ;;
            *"Downloading "* | *"Using cached "*) line="${line#*ing }" line="${line#*cached }"; printf '  %s\n' "${line##*/}" ;;
            "Installing collected packages"*) echo "  installing them ..." ;;
        esac
    done >&2
}

# Make the environment, or bring it up to date, with the extras named (comma-separated); sets PY to its Python.
# Each extra that is installed has a stamp with the checksum of pyproject.toml, so that pip runs for new ones only.
prepare() {
    local python checksum extra new=()
    PY="$VENV/bin/python"
    if ! { _new_enough "$PY" && "$PY" -m pip --version >/dev/null 2>&1; }; then
        python="$(_find_python)" || return 1
        echo "Making .venv with $("$python" --version) ..." >&2
        "$python" -m venv --clear "$VENV"
    fi
    checksum="$(cksum <"$ROOT/pyproject.toml")"
    for extra in ${1//,/ }; do
        [[ "$(cat "$VENV/.installed-$extra" 2>/dev/null)" == "$checksum" ]] || new+=("$extra")
    done
    if [[ ${#new[@]} -gt 0 ]]; then
        local extras
        extras="$(IFS=,; printf '%s' "${new[*]}")"
        echo "Installing graphgrad[$extras] into .venv, which takes some minutes ..." >&2
        "$PY" -m pip install --disable-pip-version-check --progress-bar off --editable "$ROOT[$extras]" | _progress || return 1
        for extra in "${new[@]}"; do
            printf '%s\n' "$checksum" >"$VENV/.installed-$extra"
        done
    fi
}
