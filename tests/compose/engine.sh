# Sourced by up and build: a Docker engine. One that runs already is used; else Debian's is installed and
# started by hand, in a network namespace of its own, so that its firewall rules stay in there.

engine="$cache/compose/engine"
namespace=visits-compose
# How to reach a published port: from inside the engine's namespace.
inside=()

# start_engine [outward]: one that is outward has no bridge and no firewall, but the machine's own
# network: it runs no stack, and what it builds can fetch.
start_engine() {
    docker=docker
    if docker info >/dev/null 2>&1; then
        return
    fi
    need dockerd docker.io iptables
    need ip iproute2
    # Debian's own client can do BuildKit without a plug-in.
    docker=/usr/bin/docker
    mkdir -p "$engine"
    export DOCKER_HOST="unix://$engine/docker.sock"
    local place=() network=()
    if [ "${1:-}" = outward ]; then
        network=(--bridge none --iptables=false --ip6tables=false)
    else
        ip netns add "$namespace"
        ip -n "$namespace" link set lo up
        # `ip netns exec` would hide the control groups from the engine.
        place=(nsenter --net="/run/netns/$namespace")
    fi
    # A machine without CAP_SYS_RESOURCE can't raise the limit of open files, so containers get the
    # one that there is.
    "${place[@]}" dockerd "${network[@]}" \
        --host "$DOCKER_HOST" --data-root "$engine/data" --exec-root "$engine/run" \
        --pidfile "$engine/docker.pid" --storage-driver overlay2 \
        --default-ulimit "nofile=$(ulimit -Hn):$(ulimit -Hn)" >"$engine/log" 2>&1 &
    engine_pid=$!
    local patience=60
    until "$docker" info >/dev/null 2>&1; do
        patience=$((patience - 1))
        if [ "$patience" = 0 ] || ! kill -0 "$engine_pid" 2>/dev/null; then
            tail -n 20 "$engine/log" >&2
            return 1
        fi
        sleep 1
    done
    inside=("${place[@]}")
}

# Ends what start_engine began; an engine that was there before goes on.
stop_engine() {
    [ -n "${engine_pid:-}" ] || return 0
    # Each run has binaries of its own; only the newest images stay.
    "$docker" builder prune --all --force >/dev/null 2>&1 || true
    "$docker" image prune --force >/dev/null 2>&1 || true
    kill "$engine_pid" 2>/dev/null || true
    wait "$engine_pid" 2>/dev/null || true
    ip netns delete "$namespace" 2>/dev/null || true
}
