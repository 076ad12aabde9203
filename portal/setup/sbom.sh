#!/usr/bin/env bash
# Write what an installation is made of, as CycloneDX: sbom.sh FOLDER makes python.cdx.json and frontend.cdx.json.
set -euo pipefail
cd "$(dirname "$0")/../.."
mkdir -p "$1"
folder=$(cd "$1" && pwd)
.venv/bin/uv export --quiet --frozen --no-dev --all-extras --format cyclonedx1.5 --output-file "$folder/python.cdx.json"
(cd portal/frontend && npm sbom --package-lock-only --omit dev --sbom-format cyclonedx) >"$folder/frontend.cdx.json"
echo "sbom: $folder/python.cdx.json, $folder/frontend.cdx.json"
