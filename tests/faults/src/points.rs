//! The kills that a run plans: at which point of the road, in which process, for which cause.
//!
//! A point counts once for each process in which it lies on another road: `relay.confirm.after` of
//! scheduling and of escalation are two, for their events go to others and their replicas differ.

/// A planned kill.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// `name[@label][#hit]`.
    pub point: &'static str,
    /// What brings the process there.
    pub by: By,
}

/// What brings a process to its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The load.
    Load,
    /// SIGTERM: the point lies on the way out.
    Stop,
    /// Time, which flies until a timer is due.
    Time,
}

impl Plan {
    /// The name of the point alone.
    #[must_use]
    pub fn name(&self) -> &'static str {
        let end = self.point.find(['@', '#']).unwrap_or(self.point.len());
        &self.point[..end]
    }
}

const fn at(point: &'static str) -> Plan {
    Plan {
        point,
        by: By::Load,
    }
}

const fn on_the_way_out(point: &'static str) -> Plan {
    Plan {
        point,
        by: By::Stop,
    }
}

const fn in_time(point: &'static str) -> Plan {
    Plan {
        point,
        by: By::Time,
    }
}

/// Timers, and the whole way of an event from the step to the broker's confirmation.
pub const SCHEDULING: &[Plan] = &[
    at("lease.take.after@sequencer"),
    at("lease.take.after@relay"),
    at("lease.renew.after@sequencer"),
    at("lease.renew.after@relay"),
    at("sequencer.lease.after"),
    at("sequencer.place.after"),
    at("sequencer.commit.before"),
    at("sequencer.commit.after"),
    at("checkpoint.keep.before"),
    at("checkpoint.keep.after"),
    at("hint.before"),
    at("hint.after"),
    at("relay.publish.before"),
    at("publisher.connect.after"),
    at("publisher.send.after"),
    at("publisher.confirm.after"),
    at("relay.confirm.after"),
    at("relay.mark.before_commit"),
    at("relay.mark.after"),
    in_time("job.claim.before@scheduling.call_due"),
    in_time("job.claim.before_commit"),
    in_time("job.claim.after@scheduling.call_due"),
    in_time("step.begin.after@job:scheduling.call_due"),
    in_time("step.admit.after@job:scheduling.call_due"),
    in_time("step.commit.before@job:scheduling.call_due"),
    in_time("step.commit.after@job:scheduling.call_due"),
    in_time("job.run.after@scheduling.call_due"),
    in_time("job.settle.after"),
    at("step.commit.before@request:AssignRoutineInspection"),
    at("step.commit.after@request:AssignRoutineInspection"),
];

/// What is heard, from the broker's queue to the effect, and the answers that people give.
pub const RECORDING: &[Plan] = &[
    at("consumer.connect.after"),
    at("consumer.receive.before"),
    at("inbox.receive.before_commit"),
    at("inbox.receive.after_commit"),
    at("consumer.ack.before"),
    at("consumer.ack.after"),
    at("inbox.apply.before"),
    at("step.begin.before@event:recording.routine_inspection_assigned"),
    at("step.begin.after@event:recording.routine_inspection_assigned"),
    at("step.admit.after@event:recording.routine_inspection_assigned"),
    at("step.audit.before@event:recording.routine_inspection_assigned"),
    at("step.audit.after@event:recording.routine_inspection_assigned"),
    at("step.write.after@event:recording.routine_inspection_assigned"),
    at("step.commit.before@event:recording.routine_inspection_assigned"),
    at("step.commit.after@event:recording.routine_inspection_assigned"),
    at("inbox.apply.after"),
    at("inbox.settle.after"),
    at("store.load.after#3"),
    at("store.save.before#2"),
    at("store.save.after#2"),
    at("step.commit.before@request:RecordAnswers"),
    at("step.commit.after@request:RecordAnswers"),
    at("sequencer.commit.before"),
];

/// A command from its first statement to its answer.
pub const ESCALATION: &[Plan] = &[
    at("step.begin.before@request:RaiseConcern"),
    at("step.begin.after@request:RaiseConcern"),
    at("step.admit.after@request:RaiseConcern"),
    at("store.save.before"),
    at("store.save.after"),
    at("step.outbox.before@request:RaiseConcern"),
    at("step.outbox.after@request:RaiseConcern"),
    at("step.jobs.before@request:RaiseConcern"),
    at("step.jobs.after@request:RaiseConcern"),
    at("step.audit.before@request:RaiseConcern"),
    at("step.audit.after@request:RaiseConcern"),
    at("step.work.after@request:RaiseConcern"),
    at("step.write.before@request:RaiseConcern"),
    at("step.write.after@request:RaiseConcern"),
    at("step.commit.before@request:RaiseConcern"),
    at("step.commit.after@request:RaiseConcern"),
    at("step.commit.before@request:DecideNfd"),
    at("step.commit.after@request:DecideNfd"),
    at("step.answer.before@request:DecideNfd"),
    at("step.answer.before@request:RaiseConcern"),
    // A page has left for the contact, and the case doesn't know yet.
    in_time("step.begin.after@job:escalation.desk_page"),
    in_time("step.commit.before@job:escalation.desk_page"),
];

/// The other replica: the way in, the streams, the way out, and what only the leader does.
pub const REPLICA: &[Plan] = &[
    at("migrate.before"),
    at("migrate.after"),
    at("migrate.unlock.after"),
    at("serve.bind.after"),
    at("clock.keep.before_rename"),
    at("serve.open.after"),
    at("serve.listen.after"),
    at("sweep.before"),
    at("sweep.forget.before_commit"),
    at("sweep.after"),
    at("stream.send.before#2"),
    at("stream.send.after#2"),
    on_the_way_out("shutdown.signal.after"),
    on_the_way_out("shutdown.not_serving.after"),
    on_the_way_out("shutdown.going_away.after"),
    on_the_way_out("shutdown.drain.after"),
    on_the_way_out("shutdown.loops.after"),
    on_the_way_out("shutdown.close.after"),
    at("sequencer.commit.before"),
    at("sequencer.commit.after"),
    at("relay.publish.before"),
    at("relay.confirm.after"),
    at("consumer.ack.before"),
    at("step.commit.after@request:LogDutyDeskCall"),
    at("step.commit.after@request:AcknowledgeCase"),
];
