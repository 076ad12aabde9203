# Gazetteer as one image: web, worker and beat differ by their command.
FROM node:22-bookworm-slim AS frontend
WORKDIR /build/portal/frontend
COPY portal/frontend/package.json portal/frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY portal/frontend ./
RUN npm run build

FROM python:3.12-slim-bookworm
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 UV_COMPILE_BYTECODE=1 UV_PROJECT_ENVIRONMENT=/opt/venv PATH=/opt/venv/bin:$PATH
WORKDIR /app
COPY portal/setup/uv.txt ./
RUN pip install --no-cache-dir --require-hashes --requirement uv.txt
COPY pyproject.toml uv.lock ./
COPY packaging packaging
RUN uv sync --frozen --no-dev --all-extras --no-install-workspace
COPY manage.py README.md ./
COPY catalog catalog
COPY lineage lineage
COPY ingestors ingestors
COPY portal portal
COPY gazetteer gazetteer
RUN uv sync --frozen --no-dev --all-extras
COPY --from=frontend /build/portal/frontend/dist portal/frontend/dist
RUN SECRET_KEY=build GAZETTEER_DATA=/tmp/build python manage.py collectstatic --noinput && rm -rf /tmp/build
RUN useradd --system --uid 10001 --home-dir /data gazetteer && mkdir -p /data && chown gazetteer /data
USER gazetteer
ENV GAZETTEER_DATA=/data
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "--config", "python:portal.gunicorn", "portal.wsgi:application"]
