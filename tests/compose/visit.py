"""Plays a visit through the running stack, kills one container of each kind while it goes on, and
asks whether anything that was acknowledged is lost, or anything happened twice.

The client is tests/clients/visit_client.py, which knows proto/ alone; here it talks to the gateway.
"""

import argparse
import datetime
import json
import os
import pathlib
import random
import signal
import subprocess
import threading
import time
import urllib.request

import grpc

from google.protobuf import timestamp_pb2
from ofsted.visits.escalation.v1 import (
    escalation_desk_pb2 as desk_messages,
    escalation_resources_pb2 as resources,
    escalation_service_pb2 as escalation,
)
from ofsted.visits.recording.v1 import (
    recording_resources_pb2 as records,
    recording_service_pb2 as recording,
)

import visit_client as client

SERVICES = ["scheduling", "recording", "escalation", "letters", "insights"]
# Stores first: what hangs on them must find them again by itself.
KINDS = ["postgres", "rabbitmq", *SERVICES, "gateway"]
# Concerns that are raised around each kill; a case holds at most 20.
BURST = 2
PATIENCE_SECONDS = 120
DIRECTOR = "RD-LONDON"
DRIVEN = ["--clock-file", "/clock/now", "--insecure-driven-clock"]
# What says that an answer is lost or late; the same request_id is asked again (R17).
AGAIN = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.CANCELLED,
}


class Stack:
    """The containers, their clock, and the tokens of the command line that is one of them."""

    def __init__(self, compose, clock, host):
        self.compose = compose
        self.clock = clock
        self.host = host
        self.address = f"{host}:7400"
        self.start = None
        threading.Thread(target=self._tick, daemon=True).start()

    def set_clock(self, instant):
        """Says what time it is; from then on the clock runs, for leases are let go by it."""
        self.start = (datetime.datetime.fromisoformat(instant), time.monotonic())
        self._write()

    def now(self):
        """The deployment's time."""
        instant, since = self.start
        return instant + datetime.timedelta(seconds=time.monotonic() - since)

    def _write(self):
        now = self.now()
        fresh = self.clock.with_suffix(f".{threading.get_ident()}")
        fresh.write_text(now.isoformat())
        fresh.replace(self.clock)

    def _tick(self):
        while True:
            time.sleep(0.2)
            if self.start:
                self._write()

    def run(self, *words):
        """What `docker compose` says to this."""
        return subprocess.check_output([*self.compose, *words], text=True).strip()

    def token(self, role, principal):
        """A token by the command line in its own container."""
        words = ["token", "--as", role, "--id", principal]
        return self.run("run", "--rm", "--no-TTY", "visits", *words, *DRIVEN)

    def containers(self, kind):
        """The containers of a kind."""
        return sorted(self.run("ps", "--quiet", kind).split())

    def ask(self, database, query):
        """An answer of PostgreSQL."""
        words = ["exec", "--no-TTY", "postgres", "psql", "--no-psqlrc", "-U", "postgres"]
        return self.run(*words, "-d", database, "-Atc", query)

    def queues(self):
        """How many messages are in each queue."""
        words = ["rabbitmqctl", "--quiet", "list_queues", "--vhost", "visits", "name", "messages"]
        lines = self.run("exec", "--no-TTY", "rabbitmq", *words, "--no-table-headers").splitlines()
        return {name: int(messages) for name, messages in map(str.split, lines)}


class Container:
    """One container, as the engine knows it."""

    def __init__(self, identifier):
        self.identifier = identifier
        found = self._inspect()
        self.restarts = found["RestartCount"]
        # Asked for beforehand: the engine takes longer to say it than a call to be answered.
        self.process = found["State"]["Pid"]

    def _inspect(self):
        words = [os.environ["DOCKER"], "inspect", self.identifier]
        return json.loads(subprocess.check_output(words, text=True))[0]

    def kill(self):
        """SIGKILL to its first process; the engine starts it again, as after a crash. (`docker
        kill` would count as an operator's wish, and it would stay down.)"""
        os.kill(self.process, signal.SIGKILL)

    def is_back(self):
        """Whether it was started again since and is healthy."""
        found = self._inspect()
        health = found["State"].get("Health", {}).get("Status")
        return found["RestartCount"] > self.restarts and health == "healthy"


def until(what, holds):
    """Waits for a thing that must come about."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"{what}: not within {PATIENCE_SECONDS} s"
        time.sleep(0.5)


class Faults:
    """How often a call had to be asked again, by code."""

    def __init__(self):
        self.seen = {}

    def persistently(self, caller, method, request):
        """Asks until there is an answer, under one request_id."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return method(request, metadata=caller.metadata, timeout=5)
            except grpc.RpcError as error:
                if error.code() not in AGAIN or time.monotonic() > deadline:
                    raise
                self.seen[error.code().name] = self.seen.get(error.code().name, 0) + 1
                late = time.monotonic() - deadline + PATIENCE_SECONDS
                print(f"  asked again after {late:.1f} s: {error.code().name}: {error.details()}")
            time.sleep(0.2)


def concern(visit, number):
    return escalation.RaiseConcernRequest(
        visit=visit,
        area="safeguarding",
        what_was_seen=f"Checks on adult {number} who works with pupils are not on record.",
        request_id=client.request_id(),
    )


def raise_while_killing(victim, kind, faults, inspector, concerns):
    """Raises concerns one after another, and kills in the middle of the first."""
    started = time.monotonic()
    killer = threading.Timer(0.005, victim.kill)
    killer.start()
    for one in concerns:
        faults.persistently(inspector, inspector.escalation.RaiseConcern, one)
    answered = time.monotonic() - started
    killer.join()
    until(f"{kind} is back", victim.is_back)
    back = time.monotonic() - started
    print(f"killed {kind}: answers went on after {answered:.1f} s, healthy again after {back:.1f} s")


def calm(faults, inspector, visit, when):
    """How long an answer takes while nothing is killed."""
    started = time.monotonic()
    faults.persistently(inspector, inspector.escalation.RaiseConcern, concern(visit, when))
    print(f"killed nothing, {when}: an answer after {time.monotonic() - started:.1f} s")


def feed_from(caller, token, expected):
    """The case events of the feed after a resume token."""
    watch = client.Watch(caller, token)
    events = [watch.next("case_event") for _ in range(expected)]
    watch.close()
    return events


def drained(stack):
    """Whether each event is published, and each that was heard is handled."""
    return all(
        stack.ask(service, "SELECT count(*) FROM outbox WHERE published_at IS NULL") == "0"
        and stack.ask(service, "SELECT count(*) FROM inbox WHERE handled_at IS NULL") == "0"
        for service in SERVICES
    )


def play(stack):
    """The road of tests/clients up to the first concern."""
    stack.set_clock("2020-10-08T08:00:00+00:00")
    scheduler = client.Caller(stack, "scheduler", "SCHEDULER-1")
    client.fill_the_register(scheduler)
    visit = client.plan_a_visit(scheduler)
    stack.set_clock("2020-10-12T09:05:00+00:00")
    client.make_the_call(client.Caller(stack, "hmi", client.LEAD), visit)
    stack.set_clock("2020-10-13T09:00:00+00:00")
    inspector = client.Caller(stack, "hmi", client.LEAD)
    client.begin_the_visit(inspector, visit)
    print(f"begun {visit} through the gateway")
    desk = client.Caller(stack, "duty-desk", "DESK-1")
    watch = client.Watch(desk)
    token = watch.next("heartbeat").resume_token
    watch.close()
    case = client.raise_a_concern(inspector, visit)
    return visit, case, inspector, desk, token


def judge(stack, case, desk, token, expected):
    """Nothing is lost, nothing happened twice, everywhere."""
    found = desk.call(desk.escalation.GetCase, escalation.GetCaseRequest(name=case))
    assert len(found.concerns) == expected, f"{len(found.concerns)} of {expected} concerns"
    said = [one.what_was_seen for one in found.concerns]
    assert len(set(said)) == expected, f"a concern is there twice: {said}"
    events = feed_from(desk, token, expected)
    assert all(event.HasField("concern_raised") and event.case == case for event in events)
    positions = [event.position for event in events]
    assert positions == sorted(set(positions)), positions
    until("everything is drained", lambda: drained(stack))
    sequence = ",".join(str(n) for n in range(1, expected + 1))
    for service in ["scheduling", "recording", "letters", "insights"]:
        heard = stack.ask(
            service,
            "SELECT string_agg(aggregate_sequence::text, ',' ORDER BY aggregate_sequence) "
            "FROM inbox WHERE aggregate = 'escalation.case'",
        )
        assert heard == sequence, f"{service} heard {heard}"
    left = {name: count for name, count in stack.queues().items() if count and "archive" not in name}
    assert not left, f"left in queues: {left}"
    print(
        f"{expected} concerns acknowledged: {expected} on the case, {expected} in the feed in order, "
        f"each heard once by four services; nothing is parked, nothing waits"
    )


def said_to_be(moment):
    """A moment as the contracts have it."""
    stamp = timestamp_pb2.Timestamp()
    stamp.FromDatetime(moment)
    return stamp


def inspect(stack, visit, case):
    """M26 to M35: the desk takes the case on, the director decides, the visit stops, and its own team
    inspects."""
    scheduler = client.Caller(stack, "scheduler", "SCHEDULER-1")
    register = desk_messages.SetRegionalDirectorRequest(
        region="regions/london",
        principal=DIRECTOR,
        from_date="2020-09-01",
        request_id=client.request_id(),
    )
    scheduler.call(scheduler.escalation.SetRegionalDirector, register)
    desk = client.Caller(stack, "duty-desk", "DESK-1")

    def step(caller, method, request):
        request.name = case
        request.request_id = client.request_id()
        return caller.call(method, request)

    step(desk, desk.escalation.AcknowledgeCase, escalation.AcknowledgeCaseRequest())
    call = escalation.LogDutyDeskCallRequest(
        inspector=f"inspectors/{client.LEAD}",
        # A while ago, as people tell it; and the services' clock is a moment behind the file's.
        called_time=said_to_be(stack.now() - datetime.timedelta(seconds=5)),
        summary="What was seen, who was told at the school, and what can wait.",
        outcome=resources.DutyDeskCall.OUTCOME_SEEK_DECISION,
    )
    found = step(desk, desk.escalation.LogDutyDeskCall, call)
    director = client.Caller(stack, "regional-director", DIRECTOR)
    decision = escalation.DecideNfdRequest(
        etag=found.etag, required=True, rationale="Two gates and twenty checks can't wait."
    )
    step(director, director.escalation.DecideNfd, decision)
    lead = client.Caller(stack, "hmi", client.LEAD)
    step(lead, lead.escalation.StartNfd, escalation.StartNfdRequest(straight_away=True))
    for raised in found.concerns:
        finding = escalation.RecordNfdFindingRequest(
            concern_id=raised.concern_id, text="Seen on site: put right before we left."
        )
        step(lead, lead.escalation.RecordNfdFinding, finding)
    on_site = stack.now()
    stack.set_clock((on_site + datetime.timedelta(hours=5)).isoformat())
    lead = client.Caller(stack, "hmi", client.LEAD)
    left = escalation.RecordLeavingSiteRequest(
        left_site_time=said_to_be(on_site + datetime.timedelta(hours=4))
    )
    step(lead, lead.escalation.RecordLeavingSite, left)
    done = step(lead, lead.escalation.CompleteNfd, escalation.CompleteNfdRequest())
    assert done.state == resources.Case.STATE_NFD_COMPLETE, done
    record = recording.GetVisitRecordRequest(name=visit.replace("visits/", "visitRecords/"))

    def is_stopped():
        held = lead.call(lead.recording.GetVisitRecord, record)
        return held.state == records.VisitRecord.STATE_STOPPED

    until("recording has heard that the visit stopped", is_stopped)
    until("everything is drained again", lambda: drained(stack))
    print(
        f"decided by the Regional Director, inspected with {len(found.concerns)} findings and "
        "completed; the visit is stopped"
    )


def look_around(stack, case):
    """The command line's container finds the case, and the public pages answer."""
    listed = stack.run("run", "--rm", "--no-TTY", "visits", "case", "list", "--output", "csv", *DRIVEN)
    assert case in listed, listed
    # Each service is asked for what is parked: the gateway finds all five.
    parked = stack.run("run", "--rm", "--no-TTY", "visits", "parked", "list", "--output", "csv", *DRIVEN)
    assert len(parked.splitlines()) <= 1, f"parked: {parked}"
    page = urllib.request.Request(f"http://{stack.host}:7480/letters")
    with urllib.request.urlopen(page, timeout=client.PATIENCE_SECONDS) as answer:
        print(f"the command line lists {case}; the letters' pages answer {answer.status}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clock", required=True, type=pathlib.Path, help="the file of the clock")
    parser.add_argument("--host", default="127.0.0.1", help="where the gateway is")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("compose", nargs="+", help="docker compose with its files")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}")
    chance = random.Random(arguments.seed)
    stack = Stack(arguments.compose, arguments.clock, arguments.host)
    faults = Faults()
    visit, case, inspector, desk, token = play(stack)
    look_around(stack, case)
    calm(faults, inspector, visit, "before")
    faults.seen.clear()
    for index, kind in enumerate(KINDS):
        replicas = stack.containers(kind)
        concerns = [concern(visit, index * BURST + number) for number in range(BURST)]
        victim = Container(chance.choice(replicas))
        name = f"{kind}, one of {len(replicas)}"
        raise_while_killing(victim, name, faults, inspector, concerns)
    # Without one the kills would have shown nothing.
    assert faults.seen, "no call ever failed: the kills hit nothing"
    print(f"asked again: {faults.seen}")
    calm(faults, inspector, visit, "after")
    judge(stack, case, desk, token, 1 + 1 + BURST * len(KINDS) + 1)
    inspect(stack, visit, case)


if __name__ == "__main__":
    main()
