#!/bin/sh
# Makes .venv from requirements/$1.txt; does nothing when it already holds exactly that.
# PYTHON names the Python to use; without it, the newest suitable one is found.
# `install.sh --find` only says which Python it would be.
set -eu
wanted=$1
lock=requirements/$wanted.txt

is_suitable() { "$1" -c 'import sys; sys.exit(not ((3, 12) <= sys.version_info < (3, 15)))' >/dev/null 2>&1; }

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        if is_suitable "$PYTHON"; then printf '%s\n' "$PYTHON"; return; fi
        echo "PYTHON=$PYTHON is not a Python 3.12 or newer; KJ Report needs one." >&2
        exit 1
    fi
    # pyenv's shims answer only for the version that is selected, so its versions are tried by themselves.
    for candidate in python3.13 "${PYENV_ROOT:-${HOME:-}/.pyenv}"/versions/3.13*/bin/python python3.14 python3.12 \
        "${PYENV_ROOT:-${HOME:-}/.pyenv}"/versions/3.12*/bin/python python3 python; do
        if is_suitable "$candidate"; then printf '%s\n' "$candidate"; return; fi
    done
    if command -v uv >/dev/null 2>&1 && found=$(uv python find '>=3.12,<3.15' 2>/dev/null) && is_suitable "$found"; then
        printf '%s\n' "$found"; return
    fi
    echo "KJ Report needs Python 3.13 (3.12 works too), and none was found: install it, or say where it is with PYTHON=/path/to/python3.13." >&2
    exit 1
}

if [ "$wanted" = --find ]; then
    find_python
    exit
fi

if ! is_suitable .venv/bin/python; then
    python=$(find_python)
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        echo "Python $version has no venv module: install it (on Debian and Ubuntu: apt install python$version-venv)." >&2
        exit 1
    fi
    echo "Making .venv with $("$python" --version)."
    rm -rf .venv
    "$python" -m venv .venv
fi

sum=$(cksum <"$lock")
if [ "$(cat ".venv/$wanted.installed" 2>/dev/null || true)" != "$sum" ]; then
    # The developers' lock holds everything of the other.
    if [ "$wanted" = run ] && [ "$(cat .venv/dev.installed 2>/dev/null || true)" = "$(cksum <requirements/dev.txt)" ]; then exit 0; fi
    echo "Installing $lock into .venv; it takes a minute the first time."
    if ! .venv/bin/python -m pip install -qq --require-hashes --requirement "$lock"; then
        echo "Installing $lock failed; pip has said why. Without a network, try again when there is one." >&2
        exit 1
    fi
    rm -f .venv/run.installed .venv/dev.installed
    printf '%s\n' "$sum" >".venv/$wanted.installed"
fi
