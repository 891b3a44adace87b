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

ENV KOE_HOME=/var/lib/koe PATH="/srv/koe/.venv/bin:$PATH"
VOLUME /var/lib/koe
ENTRYPOINT ["koe"]
CMD ["--help"]
