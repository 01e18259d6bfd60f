ARG PYTHON_IMAGE=python:3.13-slim-bookworm
FROM ${PYTHON_IMAGE} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements/lock/server.txt requirements/lock/tools.txt /lock/
RUN python -m venv /venv && /venv/bin/pip install --require-hashes -r /lock/server.txt
# A list of the packages in the image (CycloneDX).
RUN python -m venv /tools && /tools/bin/pip install --require-hashes -r /lock/tools.txt && \
    /tools/bin/cyclonedx-py environment /venv --output-reproducible --output-file /sbom.cdx.json

FROM ${PYTHON_IMAGE}
RUN useradd --system --uid 10001 --no-create-home dashtam
COPY --from=build /venv /venv
WORKDIR /app
COPY manage.py ./
COPY deploy/is_ready.py deploy/
COPY --from=build /sbom.cdx.json ./
COPY domain domain
COPY adapters adapters
COPY dashtam dashtam
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DASHTAM_ENV=production
USER 10001
EXPOSE 8000
CMD ["python", "-m", "dashtam.server", "--host", "0.0.0.0", "--port", "8000", "--workers", "2"]
