# Read by upgrade and rollback, in this folder, where compose finds compose.yaml, `.env` and a COMPOSE_FILE named there.

compose() { docker compose "$@"; }

# Those whose containers are there, started or not: an edge is not in every house, and has not been in every release.
ours() {
    for service in $(compose config --services | grep -x -e gateway -e edge); do
        [ -z "$(container_of "$service")" ] || echo "$service"
    done
}

# SERVICE → its container, the image of that, and the name under which compose looks for it.
container_of() { compose ps --all --quiet "$1"; }
image_of() { docker inspect --format '{{.Image}}' "$(container_of "$1")"; }
name_of() { docker inspect --format '{{.Config.Image}}' "$(container_of "$1")"; }

# Whether all roles are.
are_healthy() {
    # shellcheck disable=SC2046  # one word for each container
    [ "$(docker inspect --format '{{if .State.Health}}{{.State.Health.Status}}{{end}}' \
        $(compose ps --all --quiet auth chat gateway oauth realtime user worker) | sort -u)" = healthy ]
}

# The images that run are kept as abdre-former:gateway (all roles) and :edge.
keep_as_former() {
    if ! are_healthy; then  # an upgrade that failed must not become the way back
        echo "A role is not healthy, so rollback still leads to where it led before." >&2
        return
    fi
    for service in $(ours); do
        docker tag "$(image_of "$service")" "abdre-former:$service"
    done
}

# A whole dump of the database, or none: what a new release might spoil. Files that people have sent are only ever added to.
backup() {
    mkdir -p -m 0700 backups
    file=backups/$(date -u +%Y%m%dT%H%M%SZ).dump
    if compose exec -T postgres pg_dump --username=abdre --format=custom abdre >"$file.part"; then
        mv "$file.part" "$file"
        echo "$file"
    else
        rm -f "$file.part"
        echo "No dump was made, so nothing was changed." >&2
        return 1
    fi
}

start() {
    compose up --detach --wait --no-build && return
    echo "Not healthy; \`docker compose logs\` says why, deploy/compose/rollback goes back." >&2
    exit 1
}
