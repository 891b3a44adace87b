# Does what `make setup` does, as a user of its own, and no more. State lies in /var/lib/koe.
FROM python:3.11-slim

RUN apt-get update \
    && apt-get install --yes --no-install-recommends git make \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home koe \
    && install --directory --owner koe --group koe /srv/koe /var/lib/koe

USER koe
WORKDIR /srv/koe
COPY --chown=koe:koe . .
RUN make setup

ENV KOE_HOME=/var/lib/koe KOE_HOST=0.0.0.0 KOE_PORT=8000 PATH="/srv/koe/.venv/bin:$PATH"
VOLUME /var/lib/koe
EXPOSE 8000
# A worker serves nothing; compose.yaml turns this off for it.
HEALTHCHECK --start-period=60s CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/readyz', timeout=5)"]
ENTRYPOINT ["koe"]
CMD ["serve"]
