"""A stranger's client: everything it knows of the services comes from proto/.

It starts a server of its own with a driven clock, plans a visit, makes the call of the school day
before, begins the visit, raises a concern and watches the case; and it checks that each refusal
carries one ErrorInfo with a stable reason.
"""

import argparse
import contextlib
import pathlib
import queue
import subprocess
import threading
import time
import uuid

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from ofsted.visits.common.v1 import common_pb2
from ofsted.visits.escalation.v1 import (
    escalation_service_pb2 as escalation,
    escalation_service_pb2_grpc as escalation_grpc,
    escalation_watch_pb2 as watching,
)
from ofsted.visits.recording.v1 import (
    recording_service_pb2 as recording,
    recording_service_pb2_grpc as recording_grpc,
)
from ofsted.visits.scheduling.v1 import (
    call_messages_pb2 as calls,
    register_messages_pb2 as register,
    scheduling_service_pb2_grpc as scheduling_grpc,
    visit_messages_pb2 as visits,
    visit_resources_pb2 as visit_resources,
)

DOMAIN = "visits.ofsted.example"
SCHEDULING = pathlib.Path("services/scheduling")
SCHOOLS = SCHEDULING / "data/gias/gias_2018-12_schools-experience_4rows_133cols.csv"
BANK_HOLIDAYS = SCHEDULING.parent / "kit/core/data/bank-holidays.json"
SCRIPT = SCHEDULING / "scripts/call-script-2020-09-29.toml"
FORM = pathlib.Path("services/recording/forms/2020-09.toml")
SCHOOL = "schools/100492"
LEAD = "HMI-001"
SECOND = "HMI-002"
PATIENCE_SECONDS = 20
# What a service says until it has heard of what another did.
NOT_YET = {"RECORDING_VISIT_NOT_READY", "VISIT_NOT_BEGUN"}


class Server:
    """A `visits serve` on a free port, whose clock a file drives."""

    def __init__(self, visits_command, folder):
        self.command = visits_command
        self.data = folder / "data"
        self.clock = folder / "clock"
        self.set_clock("2020-10-08T08:00:00Z")
        self.process = subprocess.Popen(
            self._arguments("serve", "--listen", "127.0.0.1:0"),
            stdout=subprocess.PIPE,
            text=True,
        )
        said = self.process.stdout.readline()
        assert "listening on http://" in said, f"the server said {said!r}"
        self.address = said.split("http://", 1)[1].split()[0].rstrip("/")

    def _arguments(self, *words):
        driven = ["--clock-file", str(self.clock), "--insecure-driven-clock"]
        return [self.command, *words, "--data", str(self.data), *driven]

    def set_clock(self, instant):
        """Says what time it is; the file is replaced in one go."""
        fresh = self.clock.with_suffix(".new")
        fresh.write_text(instant)
        fresh.replace(self.clock)

    def token(self, role, principal):
        """A token by the command line, good from now on."""
        arguments = self._arguments("token", "--as", role, "--id", principal)
        return subprocess.check_output(arguments, text=True).strip()

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)


class Caller:
    """The stubs, with one principal's token on each call."""

    def __init__(self, server, role, principal):
        self.metadata = [("authorization", f"Bearer {server.token(role, principal)}")]
        channel = grpc.insecure_channel(server.address)
        self.scheduling = scheduling_grpc.SchedulingServiceStub(channel)
        self.recording = recording_grpc.RecordingServiceStub(channel)
        self.escalation = escalation_grpc.EscalationServiceStub(channel)

    def call(self, method, request):
        return method(request, metadata=self.metadata, timeout=PATIENCE_SECONDS)


def request_id():
    """New for each intent."""
    return str(uuid.uuid4())


def reason_of(error):
    """The reason of a refusal, which carries exactly one ErrorInfo."""
    status = rpc_status.from_call(error)
    assert status is not None, f"no details in {error}"
    infos = [detail for detail in status.details if detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR)]
    assert len(infos) == 1, f"{len(infos)} ErrorInfo in {status}"
    info = error_details_pb2.ErrorInfo()
    infos[0].Unpack(info)
    assert info.domain == DOMAIN, info
    return info.reason


@contextlib.contextmanager
def refused(code, reason):
    """The calls inside end in this refusal."""
    try:
        yield
    except grpc.RpcError as error:
        assert error.code() == code, f"{error.code()} instead of {code}: {error.details()}"
        found = reason_of(error)
        assert found == reason, f"{found} instead of {reason}"
        print(f"refused as it should be: {code.name} {reason}: {error.details()}")
    else:
        raise AssertionError(f"not refused with {reason}")


def eventually(what, attempt):
    """Asks until the answer is there: events take a moment from service to service."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return attempt()
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.NOT_FOUND and reason_of(error) not in NOT_YET:
                raise
            if time.monotonic() > deadline:
                raise AssertionError(f"{what} did not come about") from error
        time.sleep(0.1)


def fill_the_register(scheduler):
    """What a service needs before it can plan: schools, holidays, script, form, inspectors."""

    def parts():
        header = register.ImportSchoolsHeader(
            source=register.ImportSchoolsHeader.SOURCE_GIAS,
            file_name=SCHOOLS.name,
            request_id=request_id(),
        )
        yield register.ImportSchoolsRequest(header=header)
        yield register.ImportSchoolsRequest(chunk=SCHOOLS.read_bytes())

    report = scheduler.call(scheduler.scheduling.ImportSchools, parts())
    assert report.imported == 4, report
    holidays = register.ImportBankHolidaysRequest(
        content=BANK_HOLIDAYS.read_bytes(), request_id=request_id()
    )
    scheduler.call(scheduler.scheduling.ImportBankHolidays, holidays)
    script = register.ImportCallScriptRequest(content=SCRIPT.read_text(), request_id=request_id())
    scheduler.call(scheduler.scheduling.ImportCallScript, script)
    form = recording.ImportVisitFormRequest(toml=FORM.read_text(), request_id=request_id())
    scheduler.call(scheduler.recording.ImportVisitForm, form)
    for inspector in (LEAD, SECOND):
        scheduler.call(
            scheduler.scheduling.CreateInspector,
            register.CreateInspectorRequest(
                inspector_id=inspector, ofsted_region="london", request_id=request_id()
            ),
        )


def plan_a_visit(scheduler):
    """M4, M13: one day, two inspectors, and the call on the school day before at ten."""
    request = visits.PlanVisitRequest(
        school=SCHOOL,
        visit_date="2020-10-13",
        mode=common_pb2.MODE_ON_SITE,
        lead=f"inspectors/{LEAD}",
        inspectors=[f"inspectors/{SECOND}"],
        request_id=request_id(),
    )
    visit = scheduler.call(scheduler.scheduling.PlanVisit, request)
    again = scheduler.call(scheduler.scheduling.PlanVisit, request)
    assert again.name == visit.name, "the same request_id gets the same answer (R17)"
    assert visit.call.call_date == "2020-10-12", visit.call
    return visit.name


def make_the_call(lead, visit):
    """M6, M14, M15: each step of the script, the system of controls, home time."""
    stub = lead.scheduling
    lead.call(stub.StartCall, calls.StartCallRequest(name=visit, request_id=request_id()))
    sheet = lead.call(stub.GetCallSheet, calls.GetCallSheetRequest(name=f"{visit}/callSheet"))
    steps = [step.step.code for step in sheet.steps]
    lead.call(
        stub.RecordCallStep,
        calls.RecordCallStepRequest(name=visit, step_codes=steps, request_id=request_id()),
    )
    measure = visit_resources.ControlMeasure(
        topic=visit_resources.ControlMeasure.TOPIC_FACE_COVERINGS,
        arrangement="Visitors wear a face covering in corridors.",
    )
    controls = calls.RecordSystemOfControlsRequest(
        name=visit, measures=[measure], request_id=request_id()
    )
    lead.call(stub.RecordSystemOfControls, controls)
    home_time = visit_resources.HomeTime(until="15:30", **{"from": "15:15"})
    lead.call(
        stub.RecordHomeTime,
        calls.RecordHomeTimeRequest(name=visit, home_time=home_time, request_id=request_id()),
    )
    lead.call(stub.CompleteCall, calls.CompleteCallRequest(name=visit, request_id=request_id()))


def begin_the_visit(lead, visit):
    """M19: recording hears that the visit is ready, and the inspectors arrive."""
    request = recording.StartVisitRequest(
        name=visit.replace("visits/", "visitRecords/"), request_id=request_id()
    )
    eventually("a record of the visit", lambda: lead.call(lead.recording.StartVisit, request))


class Watch:
    """WatchCases in a thread of its own; what it says is in a queue."""

    def __init__(self, caller, resume_token=""):
        request = watching.WatchCasesRequest(resume_token=resume_token)
        self.stream = caller.escalation.WatchCases(request, metadata=caller.metadata)
        self.said = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        try:
            for message in self.stream:
                self.said.put(message)
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.CANCELLED:
                self.said.put(error)

    def next(self, kind):
        """The next message of a kind; heartbeats in between are passed over."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            message = self.said.get(timeout=max(0.1, deadline - time.monotonic()))
            if isinstance(message, grpc.RpcError):
                raise message
            if message.WhichOneof("message") == kind:
                return getattr(message, kind)

    def close(self):
        self.stream.cancel()


def raise_a_concern(inspector, visit):
    """M26: in one of two areas; a third is refused with the reason."""

    def concern(area):
        return escalation.RaiseConcernRequest(
            visit=visit,
            area=area,
            what_was_seen="Checks on two adults who work with pupils are not on record.",
            request_id=request_id(),
        )

    stub = inspector.escalation
    request = concern("safeguarding")
    case = eventually("a visit under way", lambda: inspector.call(stub.RaiseConcern, request))
    with refused(grpc.StatusCode.INVALID_ARGUMENT, "ESCALATION_AREA_OUT_OF_SCOPE"):
        inspector.call(stub.RaiseConcern, concern("curriculum"))
    return case.name


def s2_s4_a_client_made_from_the_contracts_plans_a_visit_and_watches_a_case(server):
    scheduler = Caller(server, "scheduler", "SCHEDULER-1")
    fill_the_register(scheduler)
    visit = plan_a_visit(scheduler)
    print(f"planned {visit}")

    server.set_clock("2020-10-12T09:05:00Z")
    make_the_call(Caller(server, "hmi", LEAD), visit)
    server.set_clock("2020-10-13T09:00:00Z")
    inspector = Caller(server, "hmi", LEAD)
    begin_the_visit(inspector, visit)
    print(f"begun {visit}")

    desk = Caller(server, "duty-desk", "DESK-1")
    watch = Watch(desk)
    before = watch.next("heartbeat").resume_token
    server.set_clock("2020-10-13T10:20:00Z")
    case = raise_a_concern(inspector, visit)
    event = watch.next("case_event")
    watch.close()
    assert event.case == case and event.HasField("concern_raised"), event
    print(f"watched {case}: a concern was raised by {event.actor}")

    resumed = Watch(desk, before)
    again = resumed.next("case_event")
    resumed.close()
    assert again.event_id == event.event_id, "a watch resumes without gap or repeat"

    stranger = Caller(server, "hmi", "HMI-999")
    with refused(grpc.StatusCode.NOT_FOUND, "NOT_FOUND"):
        stranger.call(stranger.escalation.GetCase, escalation.GetCaseRequest(name=case))
    nobody = Caller(server, "duty-desk", "DESK-1")
    nobody.metadata = []
    with refused(grpc.StatusCode.UNAUTHENTICATED, "TOKEN_MISSING"):
        nobody.call(nobody.escalation.GetCase, escalation.GetCaseRequest(name=case))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", required=True, help="the visits binary")
    parser.add_argument("--folder", required=True, type=pathlib.Path, help="for data and clock")
    arguments = parser.parse_args()
    server = Server(arguments.visits, arguments.folder)
    try:
        s2_s4_a_client_made_from_the_contracts_plans_a_visit_and_watches_a_case(server)
    finally:
        server.stop()
    print("a client made from proto/ alone planned a visit, raised a concern and watched the case")


if __name__ == "__main__":
    main()
