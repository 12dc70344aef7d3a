//! The shape that every contract has (AIP): resources, changing methods, lists, enums.

use super::{Contracts, Field, Kind, Message, Rpc};
use crate::Finding;

/// What goes out of date by itself and changes nothing when it is repeated (docs/decisions/0024).
const SOFT: &[&str] = &["ReportConsole"];

/// RPCs that only read begin with one of these.
const READS: &[&str] = &[
    "Get", "List", "Watch", "Check", "Preview", "Render", "Export", "Verify",
];
/// The field number of every resource's etag.
const ETAG: i32 = 99;

/// What departs from the shape.
pub(super) fn check(contracts: &Contracts) -> Vec<Finding> {
    let messages = contracts.messages.iter().flat_map(check_message);
    let rpcs = contracts
        .rpcs
        .iter()
        .flat_map(|rpc| check_rpc(contracts, rpc));
    messages.chain(rpcs).chain(check_enums(contracts)).collect()
}

fn is_request(message: &Message) -> bool {
    message.named.name.ends_with("Request")
}

/// A resource has `name` as its first field and its etag at 99.
fn check_message(message: &Message) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut note = |what: &str| {
        let what = format!("{}: {what}", message.named.name);
        findings.push(Finding::new(&message.named.place, what));
    };
    let named_first = message.field("name").is_none_or(|name| name.number == 1);
    if !named_first {
        note("`name` is field 1");
    }
    if !is_request(message)
        && let Some(etag) = message.field("etag")
    {
        if etag.number != ETAG {
            note("`etag` is field 99");
        }
        if message.field("name").is_none() {
            note("what has an etag has a `name`");
        }
    }
    for field in message.fields.iter().filter(|field| is_an_instant(field)) {
        if !["_time", "_times"]
            .iter()
            .any(|end| field.named.name.ends_with(end))
        {
            note(&format!(
                "`{}` is an instant: its name ends in `_time`",
                field.named.name
            ));
        }
    }
    findings
}

fn is_an_instant(field: &Field) -> bool {
    matches!(&field.kind, Kind::Message(name) if name == "google.protobuf.Timestamp")
}

fn reads(rpc: &Rpc) -> bool {
    let name = rpc.named.name.as_str();
    READS.iter().any(|verb| name.starts_with(verb)) || SOFT.contains(&name)
}

fn check_rpc(contracts: &Contracts, rpc: &Rpc) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut note = |what: &str| {
        let what = format!("{}: {what}", rpc.named.name);
        findings.push(Finding::new(&rpc.named.place, what));
    };
    let Some(request) = contracts.message(&rpc.request) else {
        note("the request is a message of ours");
        return findings;
    };
    if !is_request(request) {
        note("the request's name ends in Request");
    }
    if rpc.named.name.starts_with("List") {
        for missing in missing_of_a_list(contracts, rpc, request) {
            note(&format!("a list has `{missing}` (R-API-3)"));
        }
    }
    if reads(rpc) {
        return findings;
    }
    if !carries_request_id(contracts, request) {
        note("the request of a method that changes something carries `string request_id` (R17)");
    }
    findings
}

/// What a list is to have from its first day, for to add it later would break who pages already.
fn missing_of_a_list(contracts: &Contracts, rpc: &Rpc, request: &Message) -> Vec<&'static str> {
    let is_text = |message: &Message, name: &str| {
        let field = message.field(name);
        field.is_some_and(|field| field.kind == Kind::Text)
    };
    let asked = ["page_token", "filter", "order_by"].into_iter();
    let mut missing: Vec<_> = asked.filter(|name| !is_text(request, name)).collect();
    let size = request.field("page_size");
    if size.is_none_or(|size| size.kind != Kind::Plain) {
        missing.push("page_size");
    }
    let answer = contracts.message(&rpc.response);
    if !answer.is_some_and(|answer| is_text(answer, "next_page_token")) {
        missing.push("next_page_token");
    }
    missing
}

/// In the request itself, or in a message that heads a stream of requests.
fn carries_request_id(contracts: &Contracts, request: &Message) -> bool {
    let has_it = |message: &Message| {
        let field = message.field("request_id");
        field.is_some_and(|field| field.kind == Kind::Text)
    };
    let heads = request.fields.iter().filter_map(|field| match &field.kind {
        Kind::Message(name) => contracts.message(name),
        Kind::Text | Kind::Plain => None,
    });
    has_it(request) || heads.into_iter().any(has_it)
}

fn check_enums(contracts: &Contracts) -> Vec<Finding> {
    let is_right = |(value, number): &(super::Named, i32)| {
        *number == 0 && value.name.ends_with("_UNSPECIFIED")
    };
    let wrong = contracts
        .enums
        .iter()
        .filter(|e| !e.values.first().is_some_and(is_right));
    wrong
        .map(|declared| {
            let what = format!("{}: the zero value is …_UNSPECIFIED", declared.named.name);
            Finding::new(&declared.named.place, what)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn found(body: &str) -> Vec<String> {
        check(&sample("x.proto", body))
            .into_iter()
            .map(|f| f.what)
            .collect()
    }

    #[test]
    fn a_resource_with_a_wrong_name_or_etag_is_found() {
        assert_eq!(
            found("message A { string name = 2; string etag = 3; }").len(),
            2
        );
        assert_eq!(found("message A { string etag = 99; }").len(), 1);
        assert_eq!(
            found("message A { string name = 1; string etag = 99; }").len(),
            0
        );
    }

    #[test]
    fn an_instant_whose_name_hides_it_is_found() {
        let body = |name: &str| {
            format!(
                "import \"google/protobuf/timestamp.proto\";\n\
                 message A {{ google.protobuf.Timestamp {name} = 1; }}"
            )
        };
        assert_eq!(found(&body("opened_at")).len(), 1);
        assert_eq!(found(&body("opened_time")).len(), 0);
    }

    #[test]
    fn a_changing_method_without_a_request_id_is_found() {
        let of = |field: &str| {
            format!(
                "message A {{ string name = 1; string etag = 99; }}\n\
                 message CloseARequest {{ string name = 1; {field} }}\n\
                 service S {{ rpc CloseA(CloseARequest) returns (A); }}"
            )
        };
        assert_eq!(found(&of("")).len(), 1);
        assert_eq!(found(&of("string request_id = 2;")).len(), 0);
    }

    #[test]
    fn a_list_without_pages_and_an_enum_without_an_unspecified_value_are_found() {
        let body = "message ListAsRequest {}\nmessage ListAsResponse {}\n\
                    service S { rpc ListAs(ListAsRequest) returns (ListAsResponse); }\n\
                    enum E { E_OPEN = 0; }";
        assert_eq!(found(body).len(), 6);
    }

    #[test]
    fn r_api_3_a_list_that_lacks_any_of_its_fields_is_found() {
        let asked = "int32 page_size = 1; string page_token = 2; string filter = 3; ";
        let of = |order: &str| {
            format!(
                "message ListAsRequest {{ {asked}{order} }}\n\
                 message ListAsResponse {{ string next_page_token = 1; }}\n\
                 service S {{ rpc ListAs(ListAsRequest) returns (ListAsResponse); }}"
            )
        };
        assert_eq!(found(&of("string order_by = 4;")).len(), 0);
        let found = found(&of("int32 order_by = 4;"));
        assert_eq!(found, ["ListAs: a list has `order_by` (R-API-3)"]);
    }
}
