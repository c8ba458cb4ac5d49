# Read by upgrade and rollback, in this folder, where compose finds compose.yaml, `.env` and a COMPOSE_FILE named there.

compose() { docker compose "$@"; }

# SERVICE → the image that its container runs, and the name under which compose looks for it.
running() { docker inspect --format '{{.Image}}' "$(compose ps --quiet "$1")"; }
name_of() { docker inspect --format '{{.Config.Image}}' "$(compose ps --quiet "$1")"; }

# The images that run are kept as abdre-former:gateway (all roles) and :edge.
keep_as_former() {
    for service in gateway edge; do
        docker tag "$(running "$service")" "abdre-former:$service"
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
