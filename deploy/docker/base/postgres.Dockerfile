# Stand-in for postgres:15-bookworm: what compose.yaml uses of it, and no more. See make-base.sh.
FROM abdre-stores
ENV PATH=/usr/lib/postgresql/15/bin:$PATH PGDATA=/var/lib/postgresql/data
# The numbers of the official image.
RUN userdel caddy && usermod --uid 999 postgres && groupmod --gid 999 postgres \
    && install -d -m 0700 -o postgres -g postgres /var/lib/postgresql/data && install -d -m 1777 /run/postgresql
COPY --chmod=0755 postgres-entrypoint /usr/local/bin/
USER postgres
STOPSIGNAL SIGINT
ENTRYPOINT ["postgres-entrypoint"]
CMD ["postgres"]
