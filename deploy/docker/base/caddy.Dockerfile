# Stand-in for caddy:2: what edge.Dockerfile uses of it, and no more. See make-base.sh.
FROM abdre-stores
