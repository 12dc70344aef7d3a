//! The console in a process of its own.

fn main() -> std::process::ExitCode {
    visits::console_main()
}
