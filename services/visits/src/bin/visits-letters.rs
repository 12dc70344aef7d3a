//! The letters service in a process of its own.

fn main() -> std::process::ExitCode {
    visits::service_main("letters")
}
