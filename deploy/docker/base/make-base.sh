#!/bin/sh
# Stand-ins for the images that a registry would give, made of Debian's packages, for machines that reach no registry:
# python:3.11-slim-bookworm, postgres:15-bookworm, redis:7-bookworm and caddy:2, under these names, so that the
# Dockerfiles and compose.yaml work unedited. They are not the real ones; never push them. Needs docker and mmdebstrap.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOCKER_BUILDKIT=1

# A machine that reaches the network through a proxy of its own needs its certificates inside as well.
cp /etc/ssl/certs/ca-certificates.crt "$work/"
printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n' >"$work/pip.conf"

bootstrap() { # IMAGE PACKAGE...
    image=$1
    shift
    mmdebstrap --quiet --variant=minbase --aptopt='APT::Sandbox::User "root"' \
        --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' --include="ca-certificates $*" \
        --customize-hook="copy-in $work/ca-certificates.crt /etc/ssl/certs" \
        --customize-hook="copy-in $work/pip.conf /etc" \
        bookworm "$work/$image.tar"
    docker import "$work/$image.tar" "$image" >/dev/null
}

bootstrap abdre-stores postgresql-15 redis-server caddy wget &
stores=$!
bootstrap python:3.11-slim-bookworm python3 python3-venv
wait "$stores"
for image in postgres:15-bookworm redis:7-bookworm caddy:2; do
    docker build --quiet --tag "$image" --file "${image%%:*}.Dockerfile" . >/dev/null 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
    echo "stand-in: $image"
done
