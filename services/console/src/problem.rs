//! What a service's refusal becomes on a page (R-CON-27): the sentence for operators, each field at
//! fault, and where to read more, all taken from the status itself.

use axum::http::StatusCode;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use visits_components::{Attributes, ErrorItem, ErrorSummary};

const CALLED: &str = "Enter the date and time of the call, such as 23 10 2020 and 2:20pm";

/// One line of an error summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// The field's id on the page.
    pub(crate) field: String,
    /// What is wrong with it.
    pub(crate) words: String,
}

/// Why something was refused.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) code: Code,
    pub(crate) status: StatusCode,
    /// What to tell whoever asked.
    pub(crate) sentence: String,
    /// Where the reason is explained.
    pub(crate) help: Option<String>,
    /// The fields at fault, in their order.
    pub(crate) lines: Vec<Line>,
}

impl Problem {
    /// What `status` says.
    pub(crate) fn of(status: &Status) -> Self {
        let details = status.get_error_details();
        let sentence = details.localized_message().map_or_else(
            || plain(status.code()).to_owned(),
            |localized| localized.message.clone(),
        );
        let links = details.help().map_or(&[][..], |help| &help.links);
        let help = links.first().map(|link| link.url.clone());
        let violations = details
            .bad_request()
            .map_or(&[][..], |bad| &bad.field_violations);
        let lines = violations
            .iter()
            .map(|violation| line(&violation.field, &violation.description))
            .collect();
        Self {
            code: status.code(),
            status: page_status(status.code()),
            sentence,
            help: help.filter(|url| url.starts_with("http")),
            lines,
        }
    }

    /// What the page itself found wrong with a form, before it asked anybody.
    pub(crate) fn found(lines: Vec<Line>) -> Self {
        Self {
            code: Code::InvalidArgument,
            status: StatusCode::UNPROCESSABLE_ENTITY,
            sentence: String::new(),
            help: None,
            lines,
        }
    }

    /// Whether it passes: the same may be sent again in a moment.
    pub(crate) const fn is_passing(&self) -> bool {
        matches!(
            self.code,
            Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::ResourceExhausted
        )
    }

    /// The heading of a page that shows nothing else.
    pub(crate) const fn heading(&self) -> &'static str {
        match self.code {
            Code::NotFound => "There is nothing here for you to see",
            Code::PermissionDenied => "Your role does not cover this",
            Code::Unauthenticated => "You need to sign in again",
            _ if self.is_passing() => "Not recorded: the service does not answer at the moment",
            _ => "Sorry, there is a problem with the service",
        }
    }

    /// What a page says that shows nothing else: not the name of a resource or of a right.
    pub(crate) fn plainly(&self) -> &str {
        match self.code {
            Code::NotFound => "It does not exist, or it is not yours to see.",
            Code::PermissionDenied => {
                "Ask somebody whose role covers it. Your own stands at the top of this page."
            }
            _ => &self.sentence,
        }
    }

    /// What stands at the top of a page that was refused.
    pub(crate) fn summary(&self) -> ErrorSummary {
        let lines = self.lines.iter();
        let items = lines.map(|line| ErrorItem::new(&line.field, line.words.as_str()));
        let help = self.help.iter().map(|url| ErrorItem {
            text: "What this reason means".into(),
            href: url.clone(),
            attributes: Attributes::new().with("rel", "noreferrer"),
        });
        let mut summary = ErrorSummary::new(items.chain(help).collect());
        if self.lines.is_empty() {
            summary.description_text = self.sentence.as_str().into();
        }
        summary
    }

    /// What is wrong with a field.
    pub(crate) fn about(&self, field: &str) -> Option<&str> {
        let line = self.lines.iter().find(|line| line.field == field)?;
        Some(&line.words)
    }
}

/// What stands for a refusal that carries no sentence of its own: a connection that broke.
const fn plain(code: Code) -> &'static str {
    match code {
        Code::Unavailable | Code::Unknown | Code::DeadlineExceeded | Code::Cancelled => {
            "The service did not answer. Nothing is known to be recorded: try again in a moment."
        }
        _ => "Something went wrong. Try again, and tell whoever runs the service if it stays so.",
    }
}

const fn page_status(code: Code) -> StatusCode {
    match code {
        Code::InvalidArgument | Code::OutOfRange => StatusCode::UNPROCESSABLE_ENTITY,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::FailedPrecondition | Code::Aborted | Code::AlreadyExists => StatusCode::CONFLICT,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// What is wrong with a field of the contract, in the words and under the id of the page.
pub(crate) fn line(field: &str, description: &str) -> Line {
    let is_missing = description.starts_with("is required");
    let (id, words) = match field {
        "inspector" => ("inspector", "Select the inspector who called".to_owned()),
        "called_time" => ("called_day", CALLED.to_owned()),
        "outcome" => ("outcome", "Select what is to follow".to_owned()),
        "required" => ("required", "Select whether an NFD is necessary".to_owned()),
        "rationale" if is_missing => ("rationale", "Enter your reasons".to_owned()),
        "summary" if is_missing => ("summary", "Enter what was said".to_owned()),
        "rationale" => (
            "rationale",
            format!("Your reasons: this text {description}"),
        ),
        "summary" => ("summary", format!("What was said: this text {description}")),
        "note" => ("note", format!("The note: this text {description}")),
        other => ("main", format!("{other} {description}")),
    };
    Line {
        field: id.to_owned(),
        words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use visits_core::{Fault, FieldViolation};
    use visits_runtime::to_status;

    #[test]
    fn r_con_27_a_refusal_gives_its_fields_their_messages_and_a_link() {
        let violations = vec![
            FieldViolation::new("required", "is required: true or false"),
            FieldViolation::new("rationale", "is required"),
        ];
        let problem = Problem::of(&to_status(Fault::invalid(violations)));
        assert_eq!(problem.status, StatusCode::UNPROCESSABLE_ENTITY);
        let fields: Vec<_> = problem
            .lines
            .iter()
            .map(|line| line.field.as_str())
            .collect();
        assert_eq!(fields, ["required", "rationale"]);
        assert_eq!(problem.about("rationale"), Some("Enter your reasons"));
        assert!(problem.help.is_some_and(|url| url.contains('#')));
    }

    #[test]
    fn a_broken_connection_says_that_nothing_is_known_to_be_recorded() {
        let problem = Problem::of(&Status::unavailable("connection refused"));
        assert!(problem.is_passing());
        assert!(
            !problem.sentence.contains("refused"),
            "{}",
            problem.sentence
        );
    }
}
