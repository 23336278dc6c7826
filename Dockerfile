# Builds on Debian bookworm so that the program links the same GDAL 3.6 that the runtime stage installs.
FROM rust:1.95-bookworm AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends libgdal-dev libsqlite3-dev pkg-config \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY src ./src
COPY assets ./assets
COPY tests ./tests
COPY benches ./benches
RUN cargo build --release --locked

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends libgdal32 libsqlite3-0 ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /srv/tidewatch --shell /usr/sbin/nologin tidewatch \
 && install -d -o tidewatch -g tidewatch /srv/tidewatch /srv/tidewatch/out
COPY --from=build /src/target/release/tidewatch /usr/local/bin/tidewatch
COPY pipelines /srv/tidewatch/pipelines
COPY sample-data /srv/tidewatch/sample-data
COPY LICENSE-MIT LICENSE-APACHE assets/README.md /usr/share/doc/tidewatch/
USER tidewatch
WORKDIR /srv/tidewatch
VOLUME /srv/tidewatch/out
# A batch program is healthy when it starts, finds its libraries and can read its pipeline.
HEALTHCHECK --interval=60s --timeout=10s --retries=3 \
  CMD ["tidewatch", "check", "/srv/tidewatch/pipelines/demo.yaml"]
ENTRYPOINT ["tidewatch"]
CMD ["run", "/srv/tidewatch/pipelines/demo.yaml", "--out", "/srv/tidewatch/out/demo"]
