//! Schools, inspectors, calendars and scripts as the contract has them.

use visits_durable::store::Versioned;
use visits_proto::scheduling::v1 as proto;
use visits_proto::timestamp;
use visits_runtime::etag;

use super::codes;
use crate::domain::calendar::Scope;
use crate::domain::inspector::Inspector;
use crate::domain::school::ContextPack;
use crate::domain::script::{CallScript, ScriptStep};
use crate::store::reference::StoredCalendar;
use crate::store::school::Stored;

/// A school.
pub(super) fn school(stored: &Stored) -> proto::School {
    let school = &stored.school;
    proto::School {
        name: format!("schools/{}", school.urn),
        urn: school.urn.clone(),
        display_name: school.name.clone(),
        local_authority: school.local_authority.clone().unwrap_or_default(),
        local_authority_code: school.local_authority_code.clone().unwrap_or_default(),
        ofsted_region: school
            .region
            .map(|region| region.slug().to_owned())
            .unwrap_or_default(),
        phase: codes::phase(school.phase).into(),
        school_type: school.school_type.clone().unwrap_or_default(),
        pupils_on_roll: school.pupils_on_roll.and_then(|n| i32::try_from(n).ok()),
        idaci_quintile: school.idaci_quintile.map(i32::from),
        previous_grade: codes::previous_grade(school.previous_grade).into(),
        previous_report_uri: school.previous_report_uri.clone().unwrap_or_default(),
        status: codes::status(school.status).into(),
        create_time: Some(timestamp(school.created_at)),
        update_time: Some(timestamp(school.updated_at)),
        etag: etag::of(stored.version),
    }
}

/// The context pack: the six things of M18.
pub(super) fn context_pack(pack: &ContextPack) -> proto::ContextPack {
    proto::ContextPack {
        previous_grade: codes::previous_grade(pack.previous_grade).into(),
        previous_report_uri: pack.previous_report_uri.clone().unwrap_or_default(),
        idaci_quintile: pack.idaci_quintile.map(i32::from),
        school_type: pack.school_type.clone().unwrap_or_default(),
        phase: codes::phase(pack.phase).into(),
        pupils_on_roll: pack.pupils_on_roll.and_then(|n| i32::try_from(n).ok()),
    }
}

/// An inspector.
pub(super) fn inspector(found: &Versioned<Inspector>) -> proto::Inspector {
    let inspector = &found.value;
    proto::Inspector {
        name: inspector.resource(),
        ofsted_region: inspector.region.slug().to_owned(),
        leaves: inspector
            .leaves
            .iter()
            .map(|leave| proto::inspector::Leave {
                first_date: leave.first.to_string(),
                last_date: leave.last.to_string(),
            })
            .collect(),
        conflicts: inspector
            .conflicts
            .iter()
            .map(|conflict| proto::inspector::Conflict {
                school: format!("schools/{}", conflict.urn),
                kind: codes::conflict_kind(conflict.kind).into(),
            })
            .collect(),
        routine_inspections: inspector
            .routine_inspections
            .iter()
            .map(|routine| proto::inspector::RoutineInspection {
                school: format!("schools/{}", routine.urn),
                start_date: routine.start_date.to_string(),
                assigned_time: Some(timestamp(routine.assigned_at)),
            })
            .collect(),
        create_time: Some(timestamp(inspector.created_at)),
        update_time: Some(timestamp(inspector.updated_at)),
        etag: etag::of(found.version),
    }
}

/// A calendar.
pub(super) fn calendar(stored: &StoredCalendar) -> proto::Calendar {
    proto::Calendar {
        name: match &stored.scope {
            Scope::School(urn) => format!("calendars/schools-{urn}"),
            Scope::LocalAuthority(code) => format!("calendars/local-authorities-{code}"),
            Scope::England => "calendars/england".to_owned(),
        },
        closures: stored
            .entries
            .iter()
            .map(|entry| proto::Closure {
                first_date: entry.from.to_string(),
                last_date: entry.to.to_string(),
                kind: codes::closure_kind(entry.kind).into(),
            })
            .collect(),
        create_time: Some(timestamp(stored.created_at)),
        update_time: Some(timestamp(stored.updated_at)),
        etag: etag::of(stored.version),
    }
}

/// A version of the call's script.
pub(super) fn call_script(script: &CallScript) -> proto::CallScript {
    proto::CallScript {
        name: format!("callScripts/{}", script.version),
        version: script.version.clone(),
        effective_date: script.effective_date.to_string(),
        notice: script.notice.clone(),
        steps: script.steps.iter().map(script_step).collect(),
        create_time: Some(timestamp(script.created_at)),
    }
}

/// A step of the call's script.
pub(super) fn script_step(step: &ScriptStep) -> proto::ScriptStep {
    proto::ScriptStep {
        code: step.code.clone(),
        title: step.title.clone(),
        wording: step.wording.clone(),
        required: step.required,
    }
}
