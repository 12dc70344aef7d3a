//! The repository's files, as the rules read them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// A text file of the repository.
#[derive(Clone, Debug)]
pub struct File {
    /// Its path from the top of the repository, with `/` between.
    pub path: String,
    /// Its content.
    pub text: String,
}

impl File {
    /// A file that exists in a test only.
    #[must_use]
    pub fn sample(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    /// The file's name without its folder.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Whether the name ends in `.extension`.
    #[must_use]
    pub fn has_extension(&self, extension: &str) -> bool {
        Path::new(&self.path)
            .extension()
            .is_some_and(|found| found == extension)
    }
}

/// The top of the repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Folders that hold what was built or fetched, never what was written.
const NOT_OURS: &[&str] = &["target", "node_modules", "__pycache__", ".git", ".venv"];
/// Kinds of file that the rules read.
const READ: &[&str] = &[
    "rs", "proto", "toml", "md", "py", "sh", "html", "yaml", "yml", "mjs",
];

/// Every text file of the repository that a rule reads, in the order of their paths.
///
/// # Errors
/// When a folder or a file can't be read.
pub fn files() -> Result<Vec<File>> {
    let root = root();
    let mut found = Vec::new();
    collect(&root, &root, &mut found)?;
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// The Rust files among `files`.
pub fn rust(files: &[File]) -> impl Iterator<Item = &File> {
    files.iter().filter(|file| file.has_extension("rs"))
}

/// One file by its path from the top of the repository.
///
/// # Errors
/// When it can't be read.
pub fn read(path: &str) -> Result<File> {
    let text = fs::read_to_string(root().join(path)).with_context(|| format!("read {path}"))?;
    Ok(File {
        path: path.to_owned(),
        text,
    })
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<File>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if !NOT_OURS.contains(&name.as_ref()) && !name.starts_with("visits-d") {
                collect(root, &path, found)?;
            }
            continue;
        }
        let wanted = path
            .extension()
            .and_then(|extension| extension.to_str())
            .is_some_and(|extension| READ.contains(&extension));
        if wanted {
            let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            let from_top = path
                .strip_prefix(root)?
                .to_string_lossy()
                .replace('\\', "/");
            found.push(File {
                path: from_top,
                text,
            });
        }
    }
    Ok(())
}
