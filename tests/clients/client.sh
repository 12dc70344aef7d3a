# Sourced at the top of the repository, with the folder `work`: a Python that has what the client
# needs, and what is made from proto/ alone. `client` is the command that runs a script of it.
venv="$cache/clients"
need_python "$venv" tests/clients/requirements.txt

mkdir "$work/client"
find proto/ofsted -name '*.proto' -print0 | xargs -0 "$venv/bin/python" -m grpc_tools.protoc \
    --proto_path=proto --python_out="$work/client" --grpc_python_out="$work/client"
client=(env PYTHONPATH="$work/client:tests/clients" PYTHONDONTWRITEBYTECODE=1 "$venv/bin/python")
