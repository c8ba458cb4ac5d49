# The edge: Caddy, which gets the certificates of a public name by itself. Build from the top of the tree, as the other one.
ARG CADDY_IMAGE=caddy:2
FROM ${CADDY_IMAGE}
# The official program may bind low ports (a file capability), and therefore cannot start where all capabilities are
# dropped. A copy has none; inside it listens on high ports.
RUN cp /usr/bin/caddy /usr/local/bin/edge-caddy && install -d -m 0700 -o 10002 -g 10002 /data /data/caddy
ENV XDG_DATA_HOME=/data XDG_CONFIG_HOME=/tmp
COPY --chmod=0644 deploy/docker/Caddyfile /etc/caddy/Caddyfile
COPY --chmod=0755 deploy/docker/edge /usr/local/bin/edge
USER 10002:10002
STOPSIGNAL SIGTERM
ENTRYPOINT ["edge"]
CMD ["serve"]
