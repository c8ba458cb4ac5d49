#!/bin/sh
# Stand-ins for the images that a registry would give, made of Debian's packages, for machines that reach no registry:
# python:3.11-slim-bookworm, postgres:15-bookworm and redis:7-bookworm, under these names, so that the Dockerfile and
# compose.yaml work unedited. They are not the real ones; never push them. Needs docker and mmdebstrap.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A machine that reaches the network through a proxy of its own needs its certificates inside as well.
cp /etc/ssl/certs/ca-certificates.crt "$work/"
printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n' >"$work/pip.conf"

bootstrap() { # IMAGE PACKAGE...
    image=$1
    shift
    mmdebstrap --quiet --variant=minbase --aptopt='APT::Sandbox::User "root"' --dpkgopt='path-exclude=/usr/share/doc/*' \
        --include="ca-certificates $*" \
        --customize-hook="copy-in $work/ca-certificates.crt /etc/ssl/certs" \
        --customize-hook="copy-in $work/pip.conf /etc" \
        bookworm "$work/base.tar"
    docker import "$work/base.tar" "$image"
}

bootstrap python:3.11-slim-bookworm python3 python3-venv
bootstrap abdre-stores postgresql-15 redis-server
docker build --quiet --tag postgres:15-bookworm --file postgres.Dockerfile .
docker build --quiet --tag redis:7-bookworm --file redis.Dockerfile .
