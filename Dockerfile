# The image: node, the libraries that it links, the exporter. No shell, no package manager, no compiler.
#
#   docker build --tag procevents-exporter .
#   docker run --network host --pid host --cap-drop ALL --cap-add NET_ADMIN --cap-add PERFMON --read-only \
#     --volume /etc/passwd:/etc/passwd:ro procevents-exporter
#
# It runs as uid 11011 and has its two capabilities from its own copy of node (file capabilities), as runtimes give
# a user who is not root no others. They are permitted only (=p) and the daemon makes them effective: with =ep, where a
# runtime grants less, node could not be executed, and nothing would say why. With no_new_privs they count where the
# runtime permits them too, as podman and containerd do, and Docker does not. The builder's COPY --from has to keep
# extended attributes: BuildKit, buildah and podman do; docker's old builder and kaniko do not.
FROM node:24-bookworm AS build
RUN apt-get update && apt-get install --yes --no-install-recommends libcap2-bin && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY binding.gyp tsconfig.json ./
COPY scripts ./scripts
COPY native ./native
COPY src ./src
COPY deploy/container/healthcheck.mjs ./deploy/container/
ARG REVISION=unknown
RUN node scripts/build.mjs && npm prune --omit=dev --ignore-scripts --no-audit --no-fund
# /image is the whole image. What ldd names is linked by node and by the addons; the loader is among it. Types, source
# maps and manuals are for who develops; node's symbols (18 MB) for who debugs node.
RUN mkdir -p /image/app/build/Release /image/usr/local/bin \
  && cp -a package.json node_modules /image/app/ \
  && printf '{"revision":"%s"}' "$REVISION" >dist/build.json \
  && cp -a dist deploy/container/healthcheck.mjs /image/app/ \
  && cp -a build/Release/procevents.node /image/app/build/Release/ \
  && find /image/app -regex '.*\.\([cm]?ts\|map\|md\|stamp\)' -delete \
  && find /image/app -type d -empty -delete \
  && ldd "$(command -v node)" $(find /image/app -name '*.node') \
    | grep --only-matching '/[^ :]*[^ :)]' | grep --fixed-strings .so | sort --unique \
    | xargs cp --dereference --parents --target-directory=/image \
  && strip --strip-unneeded -o /image/usr/local/bin/node "$(command -v node)" \
  && strip --strip-unneeded /image/app/build/Release/procevents.node \
  && setcap cap_net_admin,cap_perfmon=p /image/usr/local/bin/node

FROM scratch
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="procevents-exporter" \
  org.opencontainers.image.description="Prometheus exporter of process events of a Linux host" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="$VERSION" \
  org.opencontainers.image.revision="$REVISION"
COPY --from=build /image /
# A number, as no passwd is here and runAsNonRoot asks for one; of its own, as whoever shares its uid may kill it.
USER 11011:11011
ENV NODE_ENV=production UV_USE_IO_URING=0
EXPOSE 11011
STOPSIGNAL SIGTERM
# Each check is a process of this host and is counted like any other, as comm="node".
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["/usr/local/bin/node", "/app/healthcheck.mjs"]
ENTRYPOINT ["/usr/local/bin/node", "/app/dist/main.js"]
