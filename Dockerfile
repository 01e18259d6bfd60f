FROM python:3.13-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements /requirements
RUN python -m venv /venv && /venv/bin/pip install -r /requirements/runtime.txt -r /requirements/scale.txt

FROM python:3.13-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home dashtam
COPY --from=build /venv /venv
WORKDIR /app
COPY manage.py ./
COPY deploy/is_ready.py deploy/
COPY domain domain
COPY adapters adapters
COPY dashtam dashtam
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DASHTAM_ENV=production
USER 10001
EXPOSE 8000
CMD ["python", "-m", "dashtam.server", "--host", "0.0.0.0", "--port", "8000", "--workers", "2"]
