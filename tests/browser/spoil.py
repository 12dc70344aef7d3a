"""Has letters hear an event that it can't handle, as a bus would hand it over: a departure from a
visit whose name is none. `spoil.py FOLDER`, the data folder of a running `visits serve`."""

import json
import pathlib
import sqlite3
import sys
import uuid

letters = sqlite3.connect(pathlib.Path(sys.argv[1]) / "letters.db", timeout=30)
heard = "SELECT envelope, received_at FROM inbox WHERE event_type LIKE '%.VisitStarted'"
text, now = letters.execute(heard).fetchone()
event, record = uuid.uuid4(), uuid.uuid4()
kind = "ofsted.visits.recording.v1.DepartureRecorded"
envelope = json.loads(text) | {
    "aggregateid": str(record),
    "data": {"visit": "nowhere"},
    "id": str(event),
    "subject": f"visitRecords/{record}",
    "type": kind,
}
with letters:
    letters.execute(
        "INSERT INTO inbox (event_id, event_type, aggregate, aggregate_id, aggregate_sequence,"
        " envelope, state, attempts, next_attempt_at, received_at)"
        " VALUES (?, ?, 'recording.record', ?, 1, ?, 'pending', 0, ?, ?)",
        (event.bytes, kind, record.bytes, json.dumps(envelope), now, now),
    )
