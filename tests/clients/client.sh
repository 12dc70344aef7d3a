# Sourced at the top of the repository, with the folder `work`: a Python that has what the client
# needs, and what is made from proto/ alone. `client` is the command that runs a script of it.
python3 -c 'import ensurepip, venv' 2>/dev/null || need_packages python3 python3-venv

pins=tests/clients/requirements.txt
venv="$cache/clients"
# A Python that was upgraded or moved leaves an environment that doesn't run.
if ! cmp -s "$pins" "$venv/installed" || ! "$venv/bin/python" -c '' 2>/dev/null; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r "$pins"
    cp "$pins" "$venv/installed"
fi

mkdir "$work/client"
find proto/ofsted -name '*.proto' -print0 | xargs -0 "$venv/bin/python" -m grpc_tools.protoc \
    --proto_path=proto --python_out="$work/client" --grpc_python_out="$work/client"
client=(env PYTHONPATH="$work/client:tests/clients" PYTHONDONTWRITEBYTECODE=1 "$venv/bin/python")
