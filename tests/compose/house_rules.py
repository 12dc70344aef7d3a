"""What every container of docker-compose.yml must have; reads `docker compose config --format json`."""

import json
import pathlib
import re
import sys
import tomllib

ONE_SHOT = re.compile(r"^(migrate-.*|visits)$")
SECOND = re.compile(r"(?:(\d+)m)?(?:(\d+)s)?")


def seconds(duration):
    """`1m15s` in seconds."""
    minutes, rest = SECOND.fullmatch(duration).groups()
    return 60 * int(minutes or 0) + int(rest or 0)


def drain_seconds():
    """How long a service takes to stop at most, from the defaults of the program itself."""
    defaults = pathlib.Path("services/visits/src/default.toml").read_text()
    return tomllib.loads(defaults)["server"]["drain_seconds"]


def problems(name, container):
    """What this container lacks."""
    limits = container.get("deploy", {}).get("resources", {}).get("limits", {})
    health = container.get("healthcheck", {}).get("test", [])
    grace = seconds(container.get("stop_grace_period", "10s"))
    wanted = {
        "a read-only root": container.get("read_only"),
        "no capabilities": container.get("cap_drop") == ["ALL"] and not container.get("cap_add"),
        "no new privileges": "no-new-privileges:true" in container.get("security_opt", []),
        "a user by number that isn't root": re.match(r"[1-9]\d*:[1-9]", container.get("user", "")),
        "an explicit tag": re.search(r":\d[\w.-]*$", container["image"]),
        "limits of processor, memory and processes": {"cpus", "memory", "pids"} <= limits.keys(),
        "rotated logs": "max-size" in container.get("logging", {}).get("options", {}),
        "a health check without a shell": ONE_SHOT.match(name) or health[:1] == ["CMD"],
        "time to stop in order": ONE_SHOT.match(name) or grace > drain_seconds() + 1,
        "no secret in its environment": not re.search(
            r"://\w+:[^@/]+@", json.dumps(container.get("environment", {}))
        ),
        "ports on this machine alone": all(
            port.get("host_ip") == "127.0.0.1" for port in container.get("ports", [])
        ),
    }
    return [what for what, there in wanted.items() if not there]


def main():
    containers = json.load(sys.stdin)["services"]
    found = [
        f"docker-compose.yml: {name} lacks {what}"
        for name, container in containers.items()
        for what in problems(name, container)
    ]
    print("\n".join(found) or f"{len(containers)} containers keep the house rules")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
