//! The scene of the console's tests, for a browser: prints the console's address, then does what
//! each line on stdin says (`raise`, `go 23 14 30`) and answers with `done`.

use std::io::Write as _;

#[expect(dead_code, reason = "the scene needs a part of it")]
#[path = "../tests/console/browser.rs"]
mod browser;
#[expect(dead_code, reason = "the tests need more of it")]
#[path = "../tests/console/scene.rs"]
mod scene;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let scene = scene::begin().await;
    say(&format!("console on http://{}", scene.console))?;
    // The workers go on while this thread waits for a line.
    for line in std::io::stdin().lines() {
        let line = line?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let answer: String = match words.as_slice() {
            ["raise"] => scene.raise().await.name,
            ["go", time @ ..] => {
                let time: Vec<i8> = time.iter().filter_map(|word| word.parse().ok()).collect();
                if let [day, hour, minute] = time.as_slice() {
                    scene.go_to(*day, *hour, *minute).await;
                }
                String::new()
            }
            ["settle"] => {
                scene.stage.settle().await.expect("settled");
                String::new()
            }
            _ => break,
        };
        say(format!("done {answer}").trim())?;
    }
    Ok(())
}

fn say(line: &str) -> std::io::Result<()> {
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}
