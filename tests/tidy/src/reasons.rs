//! The reasons that callers match on: each has the right form and a row in docs/errors.md, and
//! each row's reason is still given somewhere.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use syn::visit::{self, Visit};

use crate::Finding;
use crate::code;
use crate::tree::{self, File};

const PLACE: &str = "docs/errors.md";
/// The longest reason that google.rpc.ErrorInfo allows.
const LONGEST: usize = 63;

/// Each reason that the code gives, with the first place that gives it.
pub type Given = BTreeMap<String, String>;

/// Functions that say a reason.
const SAY_REASONS: &[&str] = &["reason", "stand_in"];

/// Collects the reasons from `files`: what a `fn reason` says, and what faults and error details
/// are made with, by a text or by the name of a constant.
///
/// # Errors
/// When a file isn't Rust.
pub fn given(files: &[File]) -> Result<Given> {
    let tests = code::test_files(files)?;
    let ours = tree::rust(files)
        .filter(|file| file.path.starts_with("services/") && !tests.contains(&file.path));
    let parsed: Vec<(&str, syn::File)> = ours
        .map(|file| Ok((file.path.as_str(), code::parse(file)?)))
        .collect::<Result<_>>()?;
    let constants = constants(&parsed);
    let mut given = Given::new();
    for (path, file) in &parsed {
        let mut finder = Finder {
            file: path,
            constants: &constants,
            given: &mut given,
            in_reason: false,
        };
        finder.visit_file(file);
    }
    Ok(given)
}

/// The text constants of all files, by name.
fn constants(parsed: &[(&str, syn::File)]) -> BTreeMap<String, syn::LitStr> {
    let items = parsed.iter().flat_map(|(_, file)| &file.items);
    items
        .filter_map(|item| match item {
            syn::Item::Const(constant) => {
                Some((constant.ident.to_string(), text(&constant.expr)?.clone()))
            }
            _ => None,
        })
        .collect()
}

fn text(expression: &syn::Expr) -> Option<&syn::LitStr> {
    match expression {
        syn::Expr::Lit(literal) => match &literal.lit {
            syn::Lit::Str(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

struct Finder<'a> {
    file: &'a str,
    constants: &'a BTreeMap<String, syn::LitStr>,
    given: &'a mut Given,
    in_reason: bool,
}

impl Finder<'_> {
    fn note(&mut self, literal: &syn::LitStr) {
        let place = format!("{}:{}", self.file, literal.span().start().line);
        self.given.entry(literal.value()).or_insert(place);
    }

    fn note_argument(&mut self, argument: Option<&syn::Expr>) {
        if let Some(text) = argument.and_then(text) {
            self.note(text);
        }
        if let Some(syn::Expr::Path(named)) = argument
            && let Some(last) = named.path.segments.last()
            && let Some(text) = self.constants.get(&last.ident.to_string())
        {
            self.note(text);
        }
    }

    fn visit_reason(&mut self, name: &syn::Ident, body: impl FnOnce(&mut Self)) {
        let outer = self.in_reason;
        self.in_reason = SAY_REASONS.iter().any(|says| name == says);
        body(self);
        self.in_reason = outer;
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !code::is_test(&module.attrs) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.visit_reason(&function.sig.ident, |this| {
            visit::visit_impl_item_fn(this, function);
        });
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.visit_reason(&function.sig.ident, |this| {
            visit::visit_item_fn(this, function);
        });
    }

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {
        // What a doc comment says is no reason.
    }

    fn visit_lit_str(&mut self, literal: &'ast syn::LitStr) {
        if self.in_reason {
            self.note(literal);
        }
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let syn::Expr::Path(function) = &*call.func {
            let path: Vec<String> = function
                .path
                .segments
                .iter()
                .map(|s| s.ident.to_string())
                .collect();
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            let is_fault = path.ends_with(&["Fault", "new"])
                || (path == ["Self", "new"] && self.file.ends_with("core/src/fault.rs"));
            if is_fault {
                self.note_argument(call.args.get(1));
            }
            if path.ends_with(&["ErrorDetails", "with_error_info"]) {
                self.note_argument(call.args.first());
            }
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if call.method == "set_error_info" {
            self.note_argument(call.args.first());
        }
        visit::visit_expr_method_call(self, call);
    }
}

/// Reasons of a wrong form, without a row, and rows whose reason nobody gives.
#[must_use]
pub fn check(given: &Given, document: &str) -> Vec<Finding> {
    let documented = documented(document);
    let mut findings = Vec::new();
    for (reason, place) in given {
        if !is_well_formed(reason) {
            let what = format!("{reason:?} isn't of the form [A-Z][A-Z0-9_]+[A-Z0-9], at most 63");
            findings.push(Finding::new(place, what));
        } else if !documented.contains(reason) {
            findings.push(Finding::new(
                place,
                format!("{reason} has no row in {PLACE}"),
            ));
        }
    }
    for reason in documented
        .iter()
        .filter(|reason| !given.contains_key(*reason))
    {
        findings.push(Finding::new(
            PLACE,
            format!("nothing gives the reason {reason}"),
        ));
    }
    findings
}

fn is_well_formed(reason: &str) -> bool {
    let bytes = reason.as_bytes();
    let ends_well = bytes.first().is_some_and(u8::is_ascii_uppercase)
        && bytes
            .last()
            .is_some_and(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let inside = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_';
    ends_well && (3..=LONGEST).contains(&bytes.len()) && bytes.iter().all(inside)
}

/// The reasons in the first column of the document's tables.
fn documented(document: &str) -> BTreeSet<String> {
    let rows = document.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split_once('`'))
        .map(|(reason, _)| reason.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = r#"
        impl Refusal for Early {
            fn reason(&self) -> &'static str {
                match self { Self::A => "LETTER_EARLY", Self::B => "lower" }
            }
        }
        fn a() -> Fault { Fault::new(ErrorKind::Fatal, "LOST_IT", "the message") }
        const TWICE: &str = "TWICE_GIVEN";
        fn d() -> Fault { Fault::new(ErrorKind::Fatal, super::TWICE, "the message") }
        fn b() { details.set_error_info("TOO_SLOW", "domain", map); }
        #[cfg(test)]
        mod tests { fn c() { Fault::new(k, "IN_A_TEST", "x"); } }
    "#;

    fn findings(document: &str) -> Vec<Finding> {
        let given = given(&[File::sample("services/x/src/a.rs", CODE)]).expect("Rust");
        check(&given, document)
    }

    #[test]
    fn an_undocumented_a_misshapen_and_a_forgotten_reason_are_found() {
        let found = findings(
            "| `LETTER_EARLY` | x |\n| `TWICE_GIVEN` | x |\n| `LOST_IT` | x |\n| `GONE` | x |\n",
        );
        let whats: Vec<_> = found.into_iter().map(|f| f.what).collect();
        assert_eq!(whats.len(), 3, "{whats:?}");
        assert!(whats[0].starts_with("TOO_SLOW has no row"));
        assert!(whats[1].starts_with("\"lower\" isn't of the form"));
        assert_eq!(whats[2], "nothing gives the reason GONE");
    }
}
