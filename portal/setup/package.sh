#!/usr/bin/env bash
# Build both distributions: package.sh FOLDER makes the wheels of the client and of the server in it.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ -f portal/frontend/dist/gazetteer.js ] || { echo "the front end is not built: make setup" >&2; exit 1; }
rm -f "$1"/gazetteer*.whl
.venv/bin/uv build --quiet --wheel --out-dir "$1" --package gazetteer
.venv/bin/uv build --quiet --wheel --out-dir "$1" --package gazetteer-catalog
ls -l "$1"/gazetteer*.whl
