//! Prints what every rule finds, and the reasons that the code gives when asked with `reasons`.

#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use std::process::ExitCode;

use anyhow::Result;
use visits_tidy::{reasons, rules, tree};

fn main() -> Result<ExitCode> {
    if std::env::args().nth(1).as_deref() == Some("reasons") {
        for (reason, place) in reasons::given(&tree::files()?)? {
            println!("{reason}\t{place}");
        }
        return Ok(ExitCode::SUCCESS);
    }
    let findings = rules::all()?;
    for (rule, finding) in &findings {
        println!("{rule}: {finding}");
    }
    println!("{} findings", findings.len());
    Ok(if findings.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
