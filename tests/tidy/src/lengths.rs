//! How long things may get: a file is read in one sitting, a function without scrolling.

use anyhow::Result;

use crate::Finding;
use crate::code;
use crate::tree::{self, File};

/// The lines that a Rust file may have.
pub const FILE_LINES: usize = 400;
/// The lines that a function may have from its signature to its brace, tests excepted.
pub const FUNCTION_LINES: usize = 70;

/// The files and functions that are too long.
///
/// # Errors
/// When a file isn't Rust.
pub fn check(files: &[File]) -> Result<Vec<Finding>> {
    let tests = code::test_files(files)?;
    let mut findings = Vec::new();
    for file in tree::rust(files) {
        let lines = file.text.lines().count();
        if lines > FILE_LINES {
            let what = format!("has {lines} lines; at most {FILE_LINES}");
            findings.push(Finding::new(&file.path, what));
        }
        if tests.contains(&file.path) {
            continue;
        }
        for function in code::functions(&code::parse(file)?) {
            if function.length > FUNCTION_LINES && !function.is_test {
                findings.push(Finding::new(
                    format!("{}:{}", file.path, function.line),
                    format!(
                        "fn {} has {} lines; at most {FUNCTION_LINES}",
                        function.name, function.length
                    ),
                ));
            }
        }
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_and_a_long_function_are_found() {
        let body = "\n".repeat(FUNCTION_LINES);
        let file = File::sample("services/x/src/a.rs", &format!("fn long() {{{body}}}\n"));
        let found = check(&[file]).expect("Rust");
        assert!(found[0].what.contains("fn long has 71 lines"), "{found:?}");
        let file = File::sample("services/x/src/a.rs", &"\n".repeat(FILE_LINES + 1));
        assert_eq!(check(&[file]).expect("Rust").len(), 1);
    }

    #[test]
    fn a_long_test_is_no_finding() {
        let body = "\n".repeat(FUNCTION_LINES);
        let file = File::sample("a.rs", &format!("#[test]\nfn long() {{{body}}}\n"));
        assert!(check(&[file]).expect("Rust").is_empty());
    }
}
