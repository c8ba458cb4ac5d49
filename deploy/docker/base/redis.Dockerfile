# Stand-in for redis:7-bookworm: what compose.yaml uses of it, and no more. See make-base.sh.
FROM abdre-stores
RUN userdel caddy && usermod --uid 999 redis && groupmod --gid 999 redis && install -d -o redis -g redis /data
WORKDIR /data
USER redis
