"""What processes use of the machine: CPU and memory of whole process trees, and the noise of others."""

import os
import time

TICK = os.sysconf("SC_CLK_TCK")


def processes():
    """(id, parent, CPU seconds with those of children that have ended) of every process."""
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat") as file:
                text = file.read()
        except OSError:
            continue  # it has ended meanwhile
        fields = text[text.rindex(")") + 2 :].split()
        yield int(name), int(fields[1]), sum(int(ticks) for ticks in fields[11:15]) / TICK


def tree(roots, parents):
    """The ids of these processes and of all below them."""
    found, todo = set(), list(roots)
    while todo:
        one = todo.pop()
        if one in parents and one not in found:
            found.add(one)
            todo += [child for child, parent in parents.items() if parent == one]
    return found


def cpu_seconds(groups):
    """CPU seconds so far, by group: {name: [root ids]}."""
    rows = list(processes())
    parents = {one: parent for one, parent, _ in rows}
    used = {one: seconds for one, _, seconds in rows}
    return {name: sum(used[one] for one in tree(roots, parents)) for name, roots in groups.items()}


def memory_mb(root, shared=False):
    """Resident memory of a process tree; of one with much shared memory, its proportional share."""
    parents = {one: parent for one, parent, _ in processes()}
    total = 0
    for one in tree([root], parents):
        path, field = ("smaps_rollup", "Pss:") if shared else ("status", "VmRSS:")
        try:
            with open(f"/proc/{one}/{path}") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith(field))
        except OSError:
            pass
    return round(total / 1024, 1)


def busy_seconds():
    """CPU seconds that the whole machine has worked."""
    with open("/proc/stat") as file:
        ticks = [int(text) for text in file.readline().split()[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / TICK


def noise(seconds=1.0):
    """Cores in use while nothing of ours runs."""
    before = busy_seconds()
    time.sleep(seconds)
    return round((busy_seconds() - before) / seconds, 2)
