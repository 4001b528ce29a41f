# Two stages: what builds stays behind. Every package is pinned with hashes in the locks.
FROM python:3.13-slim-bookworm AS build
WORKDIR /build
COPY requirements.lock requirements-build.lock ./
RUN python -m venv /opt/owroute \
 && /opt/owroute/bin/pip install --no-cache-dir --require-hashes -r requirements.lock \
 && python -m venv /opt/tools \
 && /opt/tools/bin/pip install --no-cache-dir --require-hashes -r requirements-build.lock
COPY . .
RUN /opt/tools/bin/hatchling build -t wheel -d /build/dist \
 && /opt/owroute/bin/pip install --no-cache-dir --no-deps /build/dist/*.whl

FROM python:3.13-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home owroute && install -d -o owroute /data
COPY --from=build /opt/owroute /opt/owroute
ENV PATH=/opt/owroute/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    OWROUTE_HOST=0.0.0.0 \
    OWROUTE_DATA_DIR=/data
USER owroute
WORKDIR /data
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=3s --start-period=15s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:3000/healthz', timeout=2)"]
CMD ["owroute", "serve"]
