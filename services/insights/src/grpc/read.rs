//! Requests → commands and keys. Every field at fault is reported at once.

use uuid::Uuid;
use visits_core::{Fault, FieldViolation, Fields};
use visits_proto::insights::v1::{
    AnswerCodes, CodeAnswersRequest, CreateReleaseRequest, FrameCode, ImportCodingFrameRequest,
    frame_code,
};
use visits_runtime::filter;

use crate::domain::coding::{self, CodingState};
use crate::domain::frame::{Code, CodeKind, FrameContent};
use crate::domain::release::{CreateRelease, ReleaseId};

const TITLE_CHARS_MAX: usize = 120;
const REASON_CHARS_MAX: usize = 500;
const DEFINITION_CHARS_MAX: usize = 1_000;

/// What an import asks for.
pub fn import(request: &ImportCodingFrameRequest) -> Result<(Uuid, FrameContent), Fault> {
    let mut fields = Fields::new();
    let request_id = fields.request_id(&request.request_id);
    let content = FrameContent {
        version: request.version.trim().to_owned(),
        title: fields.text("title", &request.title, TITLE_CHARS_MAX),
        effective_date: fields.date("effective_date", &request.effective_date),
        codes: (0..)
            .zip(&request.codes)
            .map(|(index, code)| read_code(&mut fields, index, code))
            .collect(),
    };
    for FieldViolation { field, description } in content.violations() {
        fields.violate(field, description);
    }
    fields.finish()?;
    Ok((request_id, content))
}

fn read_code(fields: &mut Fields, index: usize, code: &FrameCode) -> Code {
    use frame_code::Kind;
    let kind = match code.kind() {
        Kind::Theme => Some(CodeKind::Theme),
        Kind::Barrier => Some(CodeKind::Barrier),
        Kind::Action => Some(CodeKind::Action),
        Kind::Support => Some(CodeKind::Support),
        Kind::Unspecified => None,
    };
    let at = |field: &str| format!("codes[{index}].{field}");
    let kind = fields.known(
        &at("kind"),
        kind,
        "must be KIND_THEME, KIND_BARRIER, KIND_ACTION or KIND_SUPPORT",
    );
    Code {
        code: code.code.clone(),
        kind: kind.unwrap_or(CodeKind::Theme),
        label: code.label.trim().to_owned(),
        definition: fields.optional_text(&at("definition"), &code.definition, DEFINITION_CHARS_MAX),
    }
}

/// What a coding asks for, before its frame is looked up.
#[derive(Debug)]
pub struct Coding {
    /// The caller's mark (R17).
    pub request_id: Uuid,
    /// The pseudonymous key.
    pub key: Uuid,
    /// The version of the frame.
    pub frame: String,
    /// The codes.
    pub answers: Vec<coding::AnswerCodes>,
    /// Why it is coded again.
    pub reason: String,
}

/// What a coding asks for.
pub fn coding(request: &CodeAnswersRequest) -> Result<Coding, Fault> {
    let mut fields = Fields::new();
    let coding = Coding {
        request_id: fields.request_id(&request.request_id),
        key: fields.name("name", &request.name, "visitCodings"),
        frame: fields.code("frame", &request.frame, "codingFrames"),
        answers: request.answers.iter().map(answer_codes).collect(),
        reason: fields.optional_text("reason", &request.reason, REASON_CHARS_MAX),
    };
    fields.finish()?;
    Ok(coding)
}

/// A number that is none becomes 0, which no answer has: the core names it.
fn answer_codes(answer: &AnswerCodes) -> coding::AnswerCodes {
    coding::AnswerCodes {
        answer: u32::try_from(answer.answer).unwrap_or(0),
        codes: answer.codes.clone(),
    }
}

/// What a release asks for.
pub fn release(request: &CreateReleaseRequest) -> Result<(Uuid, CreateRelease), Fault> {
    let mut fields = Fields::new();
    let request_id = fields.request_id(&request.request_id);
    let command = CreateRelease {
        title: fields.text("title", &request.title, TITLE_CHARS_MAX),
        through_date: fields.date("through_date", &request.through_date),
        frame: fields.code("frame", &request.frame, "codingFrames"),
    };
    fields.finish()?;
    Ok((request_id, command))
}

/// The key of a name `visitCodings/{key}`.
pub fn coding_name(name: &str) -> Result<Uuid, Fault> {
    let mut fields = Fields::new();
    let key = fields.name("name", name, "visitCodings");
    fields.finish().map(|()| key)
}

/// The version of a name `codingFrames/{version}`.
pub fn frame_name(name: &str) -> Result<String, Fault> {
    let mut fields = Fields::new();
    let version = fields.code("name", name, "codingFrames");
    fields.finish().map(|()| version)
}

/// The id of a name `releases/{uuid}`.
pub fn release_name(name: &str) -> Result<ReleaseId, Fault> {
    let mut fields = Fields::new();
    let id = fields.name("name", name, "releases");
    fields.finish().map(|()| id)
}

/// The release and the table of a name `releases/{uuid}/tables/{table}`.
pub fn table_name(name: &str) -> Result<(ReleaseId, String), Fault> {
    let parts = name.split_once("/tables/").and_then(|(release, table)| {
        let id = release_name(release).ok()?;
        (!table.is_empty()).then(|| (id, table.to_owned()))
    });
    parts.ok_or_else(|| {
        let form = "must be of the form releases/{uuid}/tables/{table}";
        Fault::invalid(vec![FieldViolation::new("name", form)])
    })
}

/// The states that a filter of answers asks for; without one, all that hold answers.
pub fn states(filter: &str) -> Result<Vec<CodingState>, Fault> {
    let mut states = vec![CodingState::ToCode, CodingState::Coded];
    for term in filter::parse(filter, &["state"])? {
        let wanted = match term.equal()? {
            "TO_CODE" => CodingState::ToCode,
            "CODED" => CodingState::Coded,
            _ => return Err(term.refuse("must be TO_CODE or CODED")),
        };
        states.retain(|state| *state == wanted);
    }
    Ok(states)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(fault: &Fault) -> Vec<&str> {
        fault
            .violations
            .iter()
            .map(|violation| violation.field.as_str())
            .collect()
    }

    #[test]
    fn every_field_of_an_import_at_fault_is_named_at_once() {
        let request = ImportCodingFrameRequest {
            codes: vec![FrameCode::default()],
            ..Default::default()
        };
        let fault = import(&request).expect_err("nothing is right");
        assert_eq!(
            fields(&fault),
            [
                "request_id",
                "title",
                "effective_date",
                "codes[0].kind",
                "version",
                "codes[0].code",
                "codes[0].label"
            ]
        );
    }

    #[test]
    fn every_field_of_a_coding_and_of_a_release_at_fault_is_named_at_once() {
        let fault = coding(&CodeAnswersRequest::default()).expect_err("nothing is right");
        assert_eq!(fields(&fault), ["request_id", "name", "frame"]);
        let fault = release(&CreateReleaseRequest::default()).expect_err("nothing is right");
        assert_eq!(
            fields(&fault),
            ["request_id", "title", "through_date", "frame"]
        );
    }

    #[test]
    fn names_and_filters_are_read_or_refused() {
        let id = "01920000-0000-7000-8000-000000000001";
        assert!(table_name(&format!("releases/{id}/tables/themes")).is_ok());
        for bad in [
            "",
            "releases/1/tables/themes",
            "releases/x",
            &format!("releases/{id}/tables/"),
        ] {
            assert!(table_name(bad).is_err(), "{bad}");
        }
        assert_eq!(states("").map(|states| states.len()), Ok(2));
        assert_eq!(states("state = CODED"), Ok(vec![CodingState::Coded]));
        assert_eq!(states("state = CODED AND state = TO_CODE"), Ok(Vec::new()));
        assert!(states("state = LEFT_OUT").is_err());
        assert!(states("school = \"Abbey\"").is_err());
    }
}
