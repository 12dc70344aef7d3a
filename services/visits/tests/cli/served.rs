//! The binary as a process: run to its end, serving on a port, or watching.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};

/// The binary in `folder`, with nothing of our environment.
pub fn visits(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_visits"));
    command.current_dir(folder).env_clear();
    command
}

pub fn run(folder: &Path, arguments: &[&str]) -> Output {
    visits(folder).args(arguments).output().expect("ran")
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("folder")
}

/// A process whose lines are read as they come; killed when dropped.
pub struct Running {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Running {
    pub fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut child = visits(folder)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("started");
        let lines = BufReader::new(child.stdout.take().expect("stdout"));
        Self { child, lines }
    }

    /// The next line; empty at the end.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("line");
        line.trim().to_owned()
    }

    /// Sends a signal, waits for the end, gives the exit code.
    pub fn signal(mut self, name: &str) -> Option<i32> {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status();
        assert!(sent.expect("kill").success());
        self.child.wait().expect("ended").code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A running `visits serve`.
pub struct Served {
    running: Running,
    pub address: String,
}

impl Served {
    pub fn start(folder: &Path, arguments: &[&str]) -> Self {
        Self::start_on("127.0.0.1:0", folder, arguments)
    }

    pub fn start_on(listen: &str, folder: &Path, arguments: &[&str]) -> Self {
        let serve = ["serve", "--listen", listen];
        let mut running = Running::start(folder, &[&serve, arguments].concat());
        let line = running.line();
        let address = line.strip_prefix("listening on ").expect("an address");
        Self {
            address: address.to_owned(),
            running,
        }
    }

    /// Where the console is: the next line that the process prints.
    pub fn console(&mut self) -> String {
        let line = self.running.line();
        let address = line.strip_prefix("console on http://");
        address.expect("the console's address").to_owned()
    }

    pub fn terminate(self) -> Option<i32> {
        self.running.signal("TERM")
    }
}
