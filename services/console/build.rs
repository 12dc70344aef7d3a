//! Embeds what a browser is given: our own files in `assets`, and one stylesheet, which is GOV.UK's
//! and the Ministry of Justice's followed by ours. `bring-frontends` puts theirs into the cache;
//! nothing is fetched here, and without them a stylesheet of our own stands in (`style/fallback.css`).
//!
//! Each is embedded twice, plain and packed (gzip). Scripts lose their comments and indentation.
//!
//! GDS Transport and the crown are for services on gov.uk: what mentions them is left out.

#[path = "build/css.rs"]
mod css;

use std::error::Error;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

/// What we use of the Ministry of Justice's.
const MOJ: [&str; 5] = [
    "--moj",
    ".moj-timeline",
    ".moj-badge",
    ".moj-alert",
    ".moj-sub-navigation",
];
const LICENCES: &str = "/*! GOV.UK Frontend and MoJ Frontend: MIT licence, (c) Crown copyright, Government Digital \
     Service and Ministry of Justice. Without their typeface and crown. */\n";
const SCRIPT_LICENCE: &str =
    "/*! GOV.UK Frontend: MIT licence, (c) Crown copyright, Government Digital Service. */\n";

/// What is embedded under one name.
struct Embedded {
    name: String,
    bytes: Vec<u8>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let mut files = Vec::new();
    for folder in ["assets", "style", "package-lock.json", "build", "build.rs"] {
        println!("cargo::rerun-if-changed={folder}");
    }
    for entry in fs::read_dir(here.join("assets"))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let bytes = fs::read(&path)?;
        files.push(embedded(
            &name,
            if is_script(&path) {
                lean(&bytes)?
            } else {
                bytes
            },
        ));
    }
    let modules = frontends(&here)?;
    let mut style = String::from("@charset \"UTF-8\";\n");
    match &modules {
        Some(modules) => {
            style.push_str(&theirs(modules)?);
            let script = modules.join("govuk-frontend/dist/govuk/govuk-frontend.min.js");
            let script = fs::read_to_string(script)?;
            let code = script
                .split("//# sourceMappingURL")
                .next()
                .unwrap_or_default();
            let code = format!("{SCRIPT_LICENCE}{code}");
            files.push(embedded("govuk-frontend.min.js", code.into_bytes()));
        }
        None => style.push_str(&fs::read_to_string(here.join("style/fallback.css"))?),
    }
    style.push_str(&fs::read_to_string(here.join("style/desk.css"))?);
    files.push(embedded("console.css", style.into_bytes()));
    files.sort_by(|a, b| a.name.cmp(&b.name));
    write(&files, modules.is_some())
}

fn embedded(name: &str, bytes: Vec<u8>) -> Embedded {
    let name = name.to_owned();
    Embedded { name, bytes }
}

fn is_script(path: &Path) -> bool {
    path.extension()
        .is_some_and(|kind| kind == "mjs" || kind == "js")
}

/// A script without indentation and without lines that are comments. Lines keep their numbers, which
/// errors in a browser go by.
fn lean(script: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut lean = String::new();
    for line in std::str::from_utf8(script)?.lines().map(str::trim) {
        // A template that goes over several lines would lose its spaces.
        if line.matches('`').count() % 2 != 0 {
            return Err(format!("a template of a script ends in another line: {line}").into());
        }
        if !line.starts_with("//") {
            lean.push_str(line);
        }
        lean.push('\n');
    }
    Ok(lean.into_bytes())
}

/// As browsers take it over a slow line.
fn packed(bytes: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(bytes)?;
    Ok(packed.finish()?)
}

/// Where `bring-frontends` has put GOV.UK's and the Ministry of Justice's front ends.
fn frontends(here: &Path) -> Result<Option<PathBuf>, Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed=VISITS_FRONTENDS");
    let given = env::var_os("VISITS_FRONTENDS").map(PathBuf::from);
    let lock = fs::read(here.join("package-lock.json"))?;
    let places = [given, cache(&lock)];
    for place in places.into_iter().flatten() {
        let style = place.join("govuk-frontend/dist/govuk/govuk-frontend.min.css");
        if style.is_file() {
            println!("cargo::rerun-if-changed={}", style.display());
            return Ok(Some(place));
        }
    }
    println!(
        "cargo::warning=GOV.UK's front end is not there: the console is built with a small stylesheet of its own. \
         services/console/bring-frontends brings it (needs npm); the next build then has it."
    );
    Ok(None)
}

fn cache(lock: &[u8]) -> Option<PathBuf> {
    let cache = env::var_os("XDG_CACHE_HOME").filter(|given| !given.is_empty());
    let cache = cache.map_or_else(
        || Some(PathBuf::from(env::var_os("HOME")?).join(".cache")),
        |given| Some(PathBuf::from(given)),
    )?;
    let version = &hex::encode(Sha256::digest(lock))[..16];
    let frontends = cache.join("interim-visits/frontends").join(version);
    Some(frontends.join("node_modules"))
}

/// Their stylesheets, without the typeface, the crown and everything else that would be fetched.
fn theirs(modules: &Path) -> Result<String, Box<dyn Error>> {
    let read = |path: &str| fs::read_to_string(modules.join(path));
    let is_ours_to_use =
        |head: &str, body: &str| !head.starts_with("@font-face") && !body.contains("url(");
    let govuk = read("govuk-frontend/dist/govuk/govuk-frontend.min.css")?;
    let govuk = css::chosen(&govuk, &is_ours_to_use);
    let moj = read("@ministryofjustice/frontend/moj/moj-frontend.min.css")?;
    let moj = css::chosen(&moj, &|head, body| {
        let is_used = MOJ
            .iter()
            .any(|part| head.contains(part) || body.starts_with(part));
        is_used && is_ours_to_use(head, body)
    });
    let mut both = format!("{LICENCES}{govuk}\n{moj}\n");
    for typeface in ["\"GDS Transport\",", "GDS Transport,"] {
        both = both.replace(typeface, "");
    }
    for theirs_alone in ["GDS Transport", "@font-face", "crest", "url("] {
        if both.contains(theirs_alone) {
            return Err(format!("{theirs_alone:?} is left in the front ends' stylesheet").into());
        }
    }
    Ok(both)
}

/// The table of what is embedded, for `src/assets.rs`.
fn write(files: &[Embedded], is_govuk: bool) -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut hash = Sha256::new();
    let mut rows = String::new();
    for Embedded { name, bytes } in files {
        hash.update(name.as_bytes());
        hash.update(bytes);
        let path = out.join(name);
        let gz = out.join(format!("{name}.gz"));
        fs::write(&path, bytes)?;
        fs::write(&gz, packed(bytes)?)?;
        rows.push_str(&format!(
            "File {{ name: {name:?}, plain: include_bytes!({path:?}), packed: include_bytes!({gz:?}) }},\n"
        ));
    }
    let folder = format!("/assets/{}/", &hex::encode(hash.finalize())[..16]);
    let table = format!(
        "/// Changes with what is in it.\npub(crate) const FOLDER: &str = {folder:?};\n\
         /// Whether GOV.UK's front end is among them.\npub(crate) const IS_GOVUK: bool = {is_govuk};\n\
         const FILES: &[File] = &[\n{rows}];\n"
    );
    fs::write(out.join("assets.rs"), table)?;
    Ok(())
}
