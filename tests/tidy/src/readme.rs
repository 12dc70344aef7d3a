//! README's two commands, and that CI runs the second.

use crate::Finding;

/// The README's first two `sh` blocks are one line each, and `.ci/run` runs the second.
#[must_use]
pub fn check(readme: &str, ci: &str) -> Vec<Finding> {
    let blocks = shell_blocks(readme);
    let mut findings = Vec::new();
    let mut note = |what: &str| findings.push(Finding::new("README.md", what));
    if blocks.len() < 2 {
        note("needs two `sh` blocks: see it, and test it");
        return findings;
    }
    for block in &blocks[..2] {
        if block.lines().count() != 1 {
            note("each of the first two `sh` blocks is one line");
        }
    }
    let tests = blocks[1].trim();
    let runs_them = ci.lines().any(|line| {
        let line = line.trim();
        line == tests || line == format!("exec {tests}")
    });
    if !runs_them {
        note(".ci/run doesn't run the second command");
    }
    findings
}

fn shell_blocks(readme: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<String> = None;
    for line in readme.lines() {
        match (&mut open, line.trim_end()) {
            (None, "```sh") => open = Some(String::new()),
            (Some(_), "```") => blocks.extend(open.take()),
            (Some(block), text) => {
                block.push_str(text);
                block.push('\n');
            }
            (None, _) => {}
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    const README: &str = "# x\n```sh\n./a\n```\n```text\nno\n```\n```sh\n./b\n```\n";

    #[test]
    fn two_commands_of_which_ci_runs_the_second_pass() {
        assert!(check(README, "set -e\nexec ./b\n").is_empty());
    }

    #[test]
    fn a_second_command_that_ci_does_not_run_is_found() {
        assert_eq!(check(README, "./c\n").len(), 1);
        assert_eq!(check("```sh\n./a\n```\n", "./a").len(), 1);
    }

    #[test]
    fn a_command_of_two_lines_is_found() {
        let readme = "```sh\ncd x\n./a\n```\n```sh\n./b\n```\n";
        assert_eq!(check(readme, "./b").len(), 1);
    }
}
