//! The `visits` binary; everything is in the library (entry points are plain functions).

use std::process::ExitCode;

fn main() -> ExitCode {
    visits::main()
}
