# The program, the libraries it is linked to, and nothing else: no shell, no package manager, no user but its own. Runs with a
# read-only root; it writes to its output folder and to /tmp.
#
#   docker buildx build --build-arg SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) --output type=docker,rewrite-timestamp=true .
#   buildah build --timestamp $(git log -1 --format=%ct) --build-arg SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) -t tidewatch .
#
# The same sources, base image and Debian packages give the same layers. Pin the base by its digest (`rust@sha256:…`), and
# packages by a snapshot of Debian's archive, where images are built to be compared; none stands here, as a digest that nobody
# renews keeps old faults.
#
# Builds on Debian bookworm, so that the program is linked to the GDAL 3.6 whose files are copied.
FROM rust:1.95-bookworm AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends libgdal-dev libsqlite3-dev pkg-config ca-certificates \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY Cargo.toml Cargo.lock ./
COPY src ./src
COPY assets ./assets
COPY tests ./tests
COPY benches ./benches
# Line tables are for profilers. No path of the machine that builds stays in the program.
ENV CARGO_PROFILE_RELEASE_STRIP=symbols RUSTFLAGS=--remap-path-prefix=/usr/local/cargo=/cargo
RUN cargo build --release --locked
COPY scripts ./scripts
COPY pipelines ./pipelines
COPY sample-data ./sample-data
COPY LICENSE-MIT LICENSE-APACHE ./
ARG SOURCE_DATE_EPOCH=0
RUN SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH scripts/rootfs.sh target/release/tidewatch /rootfs

FROM scratch
COPY --from=build /rootfs /
USER 10001:10001
WORKDIR /srv/tidewatch
ENV PATH=/usr/local/bin TMPDIR=/tmp
VOLUME /srv/tidewatch/out
# A batch program is healthy when it starts, finds its libraries and can read its pipeline; a server has /healthz and /readyz.
HEALTHCHECK --interval=60s --timeout=10s --retries=3 \
  CMD ["tidewatch", "check", "/srv/tidewatch/pipelines/demo.yaml"]
ENTRYPOINT ["tidewatch"]
CMD ["run", "/srv/tidewatch/pipelines/demo.yaml", "--out", "/srv/tidewatch/out/demo"]
