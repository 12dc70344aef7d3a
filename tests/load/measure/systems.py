"""The systems: how each is started on an empty database, and where the driver finds it."""

import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request

import servers

PORT, APP_PORT, STAND_IN_PORT = 25450, 25451, 25452
PEERS = ("restate", "dbos", "graphile", "pgboss")
ALL = ("visits", "floor", *PEERS)
SERVICES = ("scheduling", "recording", "escalation", "letters", "insights")


class System:
    """One running system. `processes` holds what counts as part of it, by name."""

    def __init__(self, name, place):
        self.name, self.place = name, place
        self.processes, self.beside = {}, []
        self.folder = f"{place.run}/{name}"

    def spawn(self, command, environment=None, log="log"):
        os.makedirs(self.folder, exist_ok=True)
        return subprocess.Popen(
            command, env={"PATH": os.environ["PATH"], "HOME": self.folder, **(environment or {})},
            cwd=self.folder, stdout=open(f"{self.folder}/{log}", "ab"), stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def start(self):
        """Starts it afresh; the seconds until it took its first workflow."""
        self.place.servers.empty_bus()
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        begun = time.time()
        getattr(self, f"start_{self.name if self.name not in PEERS[1:] else 'front'}")()
        self.drive("prepare")
        self.drive("ready")
        return round(time.time() - begun, 2)

    def start_floor(self):
        database = self.place.servers.database("load_floor")
        self.processes["engine"] = self.spawn(
            [self.place.driver, "floor", "--database", database, "--bus", servers.BUS_URL,
             "--listen", f"127.0.0.1:{PORT}"]
        )

    def start_visits(self):
        self.beside.append(
            self.spawn([self.place.driver, "scheduling", "--listen", f"127.0.0.1:{STAND_IN_PORT}"], log="stand-in")
        )
        environment = visits_environment(self.folder, "escalation", PORT)
        environment["VISITS__DATABASE__ESCALATION"] = self.place.servers.database("load_visits")
        environment["VISITS__PEERS__SCHEDULING"] = f"http://127.0.0.1:{STAND_IN_PORT}"
        # Half of it is ten minutes: calls of up to ten minutes ago set a timer ahead of now.
        environment["VISITS__ESCALATION__DECISION__TARGET_MINUTES"] = "20"
        # Every one of these cases is converted, which is not meant to be: one event more at each.
        environment["VISITS__ESCALATION__CONVERSION__LIMIT_PERCENT"] = "100"
        self.processes["engine"] = self.spawn([self.place.visits, "serve", "--quiet"], environment)

    def start_front(self):
        environment = {
            "BUS_URL": servers.BUS_URL,
            "DATABASE_URL": self.place.servers.database(f"load_{self.name}"),
            "PORT": str(PORT),
            "NODE_OPTIONS": "--max-old-space-size=6000",
        }
        script = f"{self.place.peers}/{self.name}.js"
        self.processes["engine"] = self.spawn([self.place.node, script], environment)

    def start_restate(self):
        self.processes["app"] = self.spawn(
            [self.place.node, f"{self.place.peers}/restate.js"],
            {"BUS_URL": servers.BUS_URL, "PORT": str(APP_PORT), "NODE_ENV": "production", "RESTATE_LOGGING": "ERROR"},
            log="app",
        )
        binary = f"{self.place.peers}/node_modules/@restatedev/restate-server-linux-x64/bin/restate-server"
        self.processes["engine"] = self.spawn(
            [binary, "--no-logo", "--base-dir", f"{self.folder}/data", "--node-name", "n1"],
            {"RESTATE_DISABLE_TELEMETRY": "true", "RESTATE_BIND_IP": "127.0.0.1", "RESTATE_LISTEN_MODE": "tcp",
             "RESTATE_ADVERTISED_HOST": "127.0.0.1", "DO_NOT_TRACK": "1"},
        )
        servers.until("restate knows its handlers", self.registered)

    def registered(self):
        body = json.dumps({"uri": f"http://127.0.0.1:{APP_PORT}", "force": True}).encode()
        request = urllib.request.Request(
            "http://127.0.0.1:9070/deployments", body, {"content-type": "application/json"}
        )
        try:
            urllib.request.urlopen(request, timeout=10).read()
            return True
        except OSError:
            return False

    def target(self):
        kind = {"visits": "visits", "floor": "floor", "restate": "restate"}.get(self.name, "http")
        port = 8080 if self.name == "restate" else PORT
        arguments = ["--kind", kind, "--address", f"http://127.0.0.1:{port}", "--bus", servers.BUS_URL]
        return [*arguments, "--key-file", f"{self.folder}/token"] if kind == "visits" else arguments

    def drive(self, suite, *arguments):
        """Runs the driver; its figures."""
        done = subprocess.run(
            [self.place.driver, suite, *self.target(), *arguments], capture_output=True, text=True, timeout=400
        )
        if done.returncode:
            raise RuntimeError(f"{self.name} {suite}: {self.ended()}{done.stderr[:600]}")
        return json.loads(done.stdout)

    def ended(self):
        """Which of its processes are no longer there, though nobody stopped them."""
        all_of_them = [*self.processes.items(), *enumerate(self.beside)]
        gone = [f"{name} ended with {process.poll()}; " for name, process in all_of_them if process.poll() is not None]
        return "".join(gone)

    def stop(self):
        for process in [*self.processes.values(), *self.beside]:
            end(process)
        self.processes, self.beside = {}, []


def end(process):
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(12)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def visits_environment(folder, service, port):
    """The settings of one service of ours, with its keys in `folder`."""
    for name, byte in (("token", "11"), ("resume", "22"), ("link", "33"), ("pseudonym", "44")):
        with open(f"{folder}/{name}", "w") as file:
            file.write(byte * 32)
    environment = {
        "VISITS_DATA": f"{folder}/data",
        "VISITS__SERVER__SERVICES": service,
        "VISITS__SERVER__LISTEN": f"127.0.0.1:{port}",
        "VISITS__SERVER__LOG": "warn",
        "VISITS__BUS__URL": servers.BUS_URL,
        "VISITS__TOKENS__KEY_FILE": f"{folder}/token",
        "VISITS__TOKENS__RESUME_KEY_FILE": f"{folder}/resume",
        "VISITS__LETTERS__LINK_KEY_FILE": f"{folder}/link",
        "VISITS__INSIGHTS__PSEUDONYM_KEY_FILE": f"{folder}/pseudonym",
    }
    for number, peer in enumerate(SERVICES):
        environment[f"VISITS__PEERS__{peer.upper()}"] = f"http://127.0.0.1:{PORT + 10 + number}"
    return environment
