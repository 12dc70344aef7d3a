//! What the rules need to know of a Rust file: its identifiers, its functions, and whether it is
//! test code.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

use crate::tree::File;

/// An identifier of the code (never of a comment or a text) with its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ident {
    /// The identifier.
    pub name: String,
    /// The line on which it stands, from 1.
    pub line: usize,
}

/// Every identifier of a file's code, in order.
///
/// # Errors
/// When the file isn't Rust.
pub fn idents(file: &File) -> Result<Vec<Ident>> {
    let tokens: TokenStream = file
        .text
        .parse()
        .map_err(|error| anyhow::anyhow!("{}: {error}", file.path))?;
    let mut found = Vec::new();
    walk(tokens, &mut found);
    Ok(found)
}

fn walk(tokens: TokenStream, found: &mut Vec<Ident>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => walk(group.stream(), found),
            TokenTree::Ident(ident) => found.push(Ident {
                name: ident.to_string(),
                line: ident.span().start().line,
            }),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// A function with a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// The line of its `fn`.
    pub line: usize,
    /// Its lines from the signature to the closing brace.
    pub length: usize,
    /// Whether it stands in test code.
    pub is_test: bool,
}

/// The syntax tree of a file.
///
/// # Errors
/// When the file isn't Rust.
pub fn parse(file: &File) -> Result<syn::File> {
    syn::parse_file(&file.text).with_context(|| file.path.clone())
}

/// Every function of a file that has a body.
#[must_use]
pub fn functions(parsed: &syn::File) -> Vec<Function> {
    let mut finder = Finder::default();
    finder.visit_file(parsed);
    finder.found
}

#[derive(Default)]
struct Finder {
    found: Vec<Function>,
    test_depth: usize,
}

impl Finder {
    fn note(&mut self, attributes: &[syn::Attribute], sig: &syn::Signature, body: &syn::Block) {
        let first = sig.span().start().line;
        self.found.push(Function {
            name: sig.ident.to_string(),
            line: first,
            length: body.span().end().line + 1 - first,
            is_test: self.test_depth > 0 || is_test(attributes),
        });
    }
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let inside = usize::from(is_test(&module.attrs));
        self.test_depth += inside;
        visit::visit_item_mod(self, module);
        self.test_depth -= inside;
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.note(&function.attrs, &function.sig, &function.block);
        let inside = usize::from(is_test(&function.attrs));
        self.test_depth += inside;
        visit::visit_item_fn(self, function);
        self.test_depth -= inside;
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.note(&function.attrs, &function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(body) = &function.default {
            self.note(&function.attrs, &function.sig, body);
        }
        visit::visit_trait_item_fn(self, function);
    }
}

/// Whether attributes mark test code: `#[test]`, `#[tokio::test]`, `#[cfg(test)]`.
#[must_use]
pub fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let path = attribute.path();
        let last = path
            .segments
            .last()
            .map(|segment| segment.ident.to_string());
        match last.as_deref() {
            Some("test") => true,
            Some("cfg") => attribute
                .parse_args::<syn::Path>()
                .is_ok_and(|condition| condition.is_ident("test")),
            _ => false,
        }
    })
}

/// The paths of the files that are test code as a whole: under a `tests` folder of a crate, of
/// the journeys, or declared as `#[cfg(test)] mod name;`, with what is below them.
///
/// # Errors
/// When a file isn't Rust.
pub fn test_files(files: &[File]) -> Result<BTreeSet<String>> {
    let mut roots = Vec::new();
    for file in crate::tree::rust(files) {
        let base = module_folder(&file.path);
        for item in parse(file)?.items {
            if let syn::Item::Mod(module) = item
                && module.content.is_none()
                && is_test(&module.attrs)
            {
                roots.push(format!("{base}/{}", module.ident));
            }
        }
    }
    let is_below = |path: &str| {
        roots
            .iter()
            .any(|root| path == format!("{root}.rs") || path.starts_with(&format!("{root}/")))
    };
    Ok(crate::tree::rust(files)
        .map(|file| file.path.as_str())
        .filter(|path| {
            path.starts_with("tests/journeys/") || in_tests_folder(path) || is_below(path)
        })
        .map(str::to_owned)
        .collect())
}

fn in_tests_folder(path: &str) -> bool {
    // `tests/` at the top holds crates; a `tests` folder further down holds tests.
    path.split('/').skip(1).any(|part| part == "tests")
}

/// The folder in which the modules that a file declares are looked for.
fn module_folder(path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap_or((".", path));
    match name {
        "lib.rs" | "main.rs" | "mod.rs" => folder.to_owned(),
        _ => format!("{folder}/{}", name.trim_end_matches(".rs")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_come_from_code_and_never_from_comments() {
        let file = File::sample("a.rs", "/// tonic\nuse tokio::sync; // sea_orm\n");
        let names: Vec<_> = idents(&file)
            .expect("Rust")
            .into_iter()
            .map(|i| i.name)
            .collect();
        assert_eq!(names, ["doc", "use", "tokio", "sync"]);
    }

    #[test]
    fn functions_know_their_length_and_whether_they_are_tests() {
        let text = "fn a() {\n\n}\n#[cfg(test)]\nmod t {\n fn b() {}\n}\n#[tokio::test]\nasync fn c() {}\n";
        let parsed = parse(&File::sample("a.rs", text)).expect("Rust");
        let found: Vec<_> = functions(&parsed)
            .into_iter()
            .map(|f| (f.name, f.length, f.is_test))
            .collect();
        let expected = [("a", 3, false), ("b", 1, true), ("c", 1, true)];
        assert_eq!(found, expected.map(|(n, l, t)| (n.to_owned(), l, t)));
    }

    #[test]
    fn a_module_declared_for_tests_makes_its_files_tests() {
        let files = [
            File::sample(
                "services/x/src/domain.rs",
                "#[cfg(test)]\nmod table;\nmod case;",
            ),
            File::sample("services/x/src/domain/table.rs", ""),
            File::sample("services/x/src/domain/table/rows.rs", ""),
            File::sample("services/x/src/domain/case.rs", ""),
            File::sample("services/x/tests/component.rs", ""),
            File::sample("tests/tidy/src/lib.rs", ""),
        ];
        let tests = test_files(&files).expect("Rust");
        let expected = [
            "services/x/src/domain/table.rs",
            "services/x/src/domain/table/rows.rs",
            "services/x/tests/component.rs",
        ];
        assert_eq!(tests.into_iter().collect::<Vec<_>>(), expected);
    }
}
