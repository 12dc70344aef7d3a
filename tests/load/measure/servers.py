"""A private PostgreSQL and RabbitMQ as Debian ships them: fsync on, default settings, ports of their own."""

import glob
import os
import shutil
import subprocess
import time

# Below those that Linux gives to outgoing connections (32768 and up), so that none of them is in use.
PG_PORT, BUS_PORT, BUS_INNER_PORT = 25440, 25441, 25442
RABBIT = "/usr/lib/rabbitmq/bin/"
BUS_URL = f"amqp://guest:guest@127.0.0.1:{BUS_PORT}/%2f"


class Servers:
    def __init__(self, folder):
        self.folder = folder
        self.pg_bin = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        self.cluster = f"{folder}/postgres/cluster"
        self.rabbit_env = {
            **os.environ,
            "HOME": f"{folder}/rabbit",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": "visitsload@localhost",
            "RABBITMQ_DIST_PORT": str(BUS_INNER_PORT),
            "RABBITMQ_MNESIA_BASE": f"{folder}/rabbit/mnesia",
            "RABBITMQ_LOG_BASE": f"{folder}/rabbit/log",
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbit/rabbitmq",
            "RABBITMQ_CONF_ENV_FILE": f"{folder}/rabbit/no-env.conf",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/rabbit/plugins",
            "RABBITMQ_PID_FILE": f"{folder}/rabbit/pid",
        }

    def postgres(self, program, *arguments):
        command = [f"{self.pg_bin}/{program}", *arguments]
        if os.getuid() == 0:  # which PostgreSQL refuses
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL)

    def start(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(f"{self.folder}/postgres")
        os.makedirs(f"{self.folder}/rabbit")
        if os.getuid() == 0:
            shutil.chown(f"{self.folder}/postgres", "postgres", "postgres")
        self.postgres(
            "initdb", "--pgdata", self.cluster, "--auth=trust", "--username=postgres",
            "--encoding=UTF8", "--locale=C",
        )
        options = (
            f"-p {PG_PORT} -c listen_addresses=127.0.0.1 -c unix_socket_directories= "
            "-c max_connections=300"
        )
        self.postgres(
            "pg_ctl", "--pgdata", self.cluster, "--wait", "--silent",
            "--log", f"{self.folder}/postgres/server.log", "-o", options, "start",
        )
        with open(f"{self.folder}/rabbit/rabbitmq.conf", "w") as file:
            file.write(f"listeners.tcp.1 = 127.0.0.1:{BUS_PORT}\nlog.file.level = warning\n")
        with open(f"{self.folder}/rabbit/plugins", "w") as file:
            file.write("[].")
        self.rabbit("rabbitmq-server", "-detached")
        self.rabbit("rabbitmqctl", "wait", f"{self.folder}/rabbit/pid", "--timeout", "120")

    def rabbit(self, program, *arguments, check=True):
        subprocess.run(
            [RABBIT + program, *arguments], env=self.rabbit_env, cwd=self.folder, check=check,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )

    def stop(self):
        self.rabbit("rabbitmqctl", "stop", check=False)
        self.postgres("pg_ctl", "--pgdata", self.cluster, "--mode=fast", "--silent", "stop")

    def empty_bus(self):
        """Deletes whatever queue an earlier system left, with what is in it."""
        delete = "[rabbit_amqqueue:delete(Q, false, false, <<\"load\">>) || Q <- rabbit_amqqueue:list()]."
        self.rabbit("rabbitmqctl", "eval", delete)

    def database(self, name):
        """The URL of a new, empty database."""
        for wish in (f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name}", "CHECKPOINT"):
            subprocess.run(
                [f"{self.pg_bin}/psql", "-h", "127.0.0.1", "-p", str(PG_PORT), "-U", "postgres",
                 "-d", "postgres", "-qAt", "-v", "ON_ERROR_STOP=1", "-c", wish],
                check=True, stderr=subprocess.DEVNULL,
            )
        return f"postgresql://postgres@127.0.0.1:{PG_PORT}/{name}"

    def groups(self):
        """The root processes of both."""
        with open(f"{self.cluster}/postmaster.pid") as file:
            postgres = int(file.readline())
        with open(f"{self.folder}/rabbit/pid") as file:
            rabbit = int(file.read())
        return {"postgres": [postgres], "rabbitmq": [rabbit]}


def until(what, holds, seconds=60):
    """Waits until a condition holds."""
    end = time.time() + seconds
    while not holds():
        if time.time() > end:
            raise TimeoutError(what)
        time.sleep(0.02)
