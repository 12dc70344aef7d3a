"""The figures of a run as a table: medians over the rounds, and how they compare with the floor."""

import json
import statistics
import sys


def short(line):
    """A round in a few words."""
    if line["suite"] == "main":
        load = line["load"]
        return (
            f"{line['system']}: {load['workflows_per_second']} workflows/s, "
            f"{load['cpu_ms_per_workflow']} ms CPU each, {load['complete']} of {load['begun']} complete"
        )
    if line["suite"] == "timers":
        return f"{line['system']}: {line['timers']['fired']} timers, late {line['timers']['late_ms']}"
    return f"{line['system']}: idle MB {line['idle_mb']}"


def value(line, path):
    for key in path.split("."):
        line = line.get(key) if isinstance(line, dict) else None
    return line


ROWS = (
    ("workflows a second, saturated", "load.workflows_per_second"),
    ("CPU ms a workflow (system, PostgreSQL, RabbitMQ)", "load.cpu_ms_per_workflow"),
    ("command p50 ms, saturated", "load.command_ms.p50"),
    ("command p99 ms, saturated", "load.command_ms.p99"),
    ("start p50 ms, one client", "latency.start_ms.p50"),
    ("decision to event p50 ms, one client", "latency.decision_to_event_ms.p50"),
    ("decision to event p99 ms, one client", "latency.decision_to_event_ms.p99"),
    ("cold start s", "cold_start_seconds"),
    ("memory idle MB (engine)", "memory_idle_mb.engine"),
    ("memory under load MB (engine)", "memory_load_mb.engine"),
    ("events seen again", "load.events_again"),
    ("cores of others meanwhile", "load.others_cores"),
)
TIMERS = (
    ("timers fired", "timers.fired"),
    ("lateness p50 ms", "timers.late_ms.p50"),
    ("lateness p99 ms", "timers.late_ms.p99"),
    ("lateness max ms", "timers.late_ms.max"),
)


def median(lines, path):
    found = [v for v in (value(line, path) for line in lines) if isinstance(v, (int, float))]
    return statistics.median(found) if found else None


def cell(number):
    if number is None:
        return "-"
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:,.2f}".rstrip("0").rstrip(".")


def table(lines):
    names = list(dict.fromkeys(line["system"] for line in lines if line["suite"] == "main"))
    by = {name: [x for x in lines if x["system"] == name] for name in names}
    out = ["| figure | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for title, path in (*ROWS, *TIMERS):
        cells = [cell(median(by[name], path)) for name in names]
        if any(one != "-" for one in cells):
            out.append(f"| {title} | " + " | ".join(cells) + " |")
    out += ["", *ratios(by)]
    for line in lines:
        if line["suite"] == "memory":
            held = ", ".join(f"{name} {mb} MB" for name, mb in line["idle_mb"].items())
            out.append(f"* memory a service, idle: {held}")
        if line.get("failed"):
            out.append(f"* {line['system']} ({line['suite']}) failed: {line['failed']}")
    return "\n".join(out)


def ratios(by):
    """Ours against the floor and the best peer: the aim is half of the one and twice the other."""
    rate = {name: median(lines, "load.workflows_per_second") for name, lines in by.items()}
    cost = {name: median(lines, "load.cpu_ms_per_workflow") for name, lines in by.items()}
    out = []
    if rate.get("visits") and rate.get("floor"):
        out.append(f"* ours / floor: {rate['visits'] / rate['floor']:.2f} of the workflows a second, "
                   f"{cost['visits'] / cost['floor']:.2f} times the CPU (aim: at least 0.5 of the workflows)")
    peers = {name: r for name, r in rate.items() if r and name not in ("visits", "floor")}
    if rate.get("visits") and peers:
        best = max(peers, key=peers.get)
        out.append(f"* ours / best peer ({best}): {rate['visits'] / peers[best]:.2f} of the workflows a second, "
                   f"{cost['visits'] / cost[best]:.2f} times the CPU (aim: at least 2 times the workflows)")
    return out


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        print(table(json.load(file)))
