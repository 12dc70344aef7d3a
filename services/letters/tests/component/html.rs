//! Pages as a browser gets them, and a strict little reader of HTML: it takes no more than our
//! templates need, so that whatever it can't read is a fault of theirs.

use std::collections::{BTreeMap, BTreeSet};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use tower::ServiceExt as _;

pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

pub async fn get(pages: &Router, path: &str) -> Page {
    ask(
        pages,
        Request::get(path).body(Body::empty()).expect("a request"),
    )
    .await
}

pub async fn post(pages: &Router, path: &str, fields: &BTreeMap<String, String>) -> Page {
    let encoded: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{}={}", percent(name), percent(value)))
        .collect();
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(encoded.join("&")));
    ask(pages, request.expect("a request")).await
}

async fn ask(pages: &Router, request: Request<Body>) -> Page {
    let response = pages.clone().oneshot(request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, 1024 * 1024).await.expect("a body");
    Page {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8(bytes.into()).expect("UTF-8"),
    }
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// The fields of the page's form with their values.
pub fn form(body: &str) -> BTreeMap<String, String> {
    elements(body)
        .expect("a well-formed page")
        .into_iter()
        .filter(|element| matches!(element.name.as_str(), "input" | "textarea"))
        .filter_map(|element| {
            let value = element.attributes.get("value").cloned().unwrap_or_default();
            element
                .attributes
                .get("name")
                .map(|name| (name.clone(), value))
        })
        .collect()
}

pub struct Element {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
    /// The names of the elements around it.
    within: Vec<String>,
}

const VOID: [&str; 5] = ["meta", "link", "br", "input", "hr"];
const BLOCKS: [&str; 13] = [
    "p", "h1", "h2", "h3", "ul", "ol", "div", "section", "article", "form", "fieldset", "main",
    "header",
];

/// Every element of the page, in order; or why it isn't well formed.
pub fn elements(page: &str) -> Result<Vec<Element>, String> {
    let mut rest = page.strip_prefix("<!DOCTYPE html>").ok_or("no doctype")?;
    let (mut open, mut found): (Vec<String>, Vec<Element>) = (Vec::new(), Vec::new());
    while let Some(start) = rest.find('<') {
        check_text(&rest[..start])?;
        let end = rest[start..].find('>').ok_or("a tag is never closed")? + start;
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            let last = open
                .pop()
                .ok_or_else(|| format!("</{name}> closes nothing"))?;
            if last != name {
                return Err(format!("</{name}> closes <{last}>"));
            }
            continue;
        }
        let element = read_tag(tag, &open)?;
        if BLOCKS.contains(&element.name.as_str()) && open.iter().any(|o| o == "p") {
            return Err(format!("<{}> in a paragraph", element.name));
        }
        if !VOID.contains(&element.name.as_str()) {
            open.push(element.name.clone());
        }
        found.push(element);
    }
    check_text(rest)?;
    if open.is_empty() {
        Ok(found)
    } else {
        Err(format!("never closed: {open:?}"))
    }
}

fn read_tag(tag: &str, open: &[String]) -> Result<Element, String> {
    let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
    if name.is_empty()
        || !name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    {
        return Err(format!("<{tag}> is no tag"));
    }
    let mut attributes = BTreeMap::new();
    while !rest.trim_start().is_empty() {
        rest = rest.trim_start();
        let length = rest.find([' ', '=']).unwrap_or(rest.len());
        let (attribute, after) = rest.split_at(length);
        let value = match after.strip_prefix('=') {
            None => {
                rest = after;
                String::new()
            }
            Some(quoted) => {
                let quoted = quoted
                    .strip_prefix('"')
                    .ok_or_else(|| format!("unquoted in <{tag}>"))?;
                let (value, after) = quoted
                    .split_once('"')
                    .ok_or_else(|| format!("open quote in <{tag}>"))?;
                rest = after;
                check_text(value)?;
                value.to_owned()
            }
        };
        if attributes.insert(attribute.to_owned(), value).is_some() {
            return Err(format!("{attribute} twice in <{tag}>"));
        }
    }
    Ok(Element {
        name: name.to_owned(),
        attributes,
        within: open.to_vec(),
    })
}

fn check_text(text: &str) -> Result<(), String> {
    for (at, _) in text.match_indices('&') {
        let entity = text[at + 1..].split(';').next().unwrap_or("");
        let fits = !entity.is_empty()
            && entity.len() <= 8
            && entity
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'#')
            && text[at..].contains(';');
        if !fits {
            return Err(format!(
                "an ampersand that begins no reference: {}",
                &text[at..]
            ));
        }
    }
    Ok(())
}

/// Fails unless the page is well formed and holds what every page of ours must.
pub fn assert_valid(page: &Page) {
    let content = page
        .headers
        .get(header::CONTENT_TYPE)
        .expect("a content type");
    assert_eq!(content, "text/html; charset=utf-8");
    let found = elements(&page.body).unwrap_or_else(|why| panic!("{why}\n{}", page.body));
    let count = |name: &str| found.iter().filter(|e| e.name == name).count();
    for once in [
        "html", "head", "title", "body", "main", "h1", "header", "footer",
    ] {
        assert_eq!(count(once), 1, "<{once}>\n{}", page.body);
    }
    assert_eq!(
        found[0].attributes.get("lang").map(String::as_str),
        Some("en-GB")
    );
    for never in ["script", "style", "iframe", "img"] {
        assert_eq!(count(never), 0, "<{never}>");
    }
    let mut ids = BTreeSet::new();
    for element in &found {
        for (name, value) in &element.attributes {
            assert!(!name.starts_with("on") && name != "style", "{name}");
            assert!(
                name != "id" || ids.insert(value.clone()),
                "id {value} twice"
            );
        }
    }
    for element in &found {
        let points =
            ["for", "aria-labelledby", "aria-describedby"].map(|a| element.attributes.get(a));
        let named = points.into_iter().flatten();
        for id in named.flat_map(|ids| ids.split(' ')) {
            assert!(ids.contains(id), "nothing has the id {id}");
        }
        if let Some(id) = element
            .attributes
            .get("href")
            .and_then(|href| href.strip_prefix('#'))
        {
            assert!(ids.contains(id), "a link to #{id}, which is not there");
        }
    }
    assert_fields_have_labels(&found);
    assert_headings_descend(&found);
}

fn assert_fields_have_labels(found: &[Element]) {
    let labelled: BTreeSet<&String> = found
        .iter()
        .filter_map(|e| e.attributes.get("for"))
        .collect();
    let hidden = |e: &Element| e.attributes.get("type").is_some_and(|t| t == "hidden");
    for field in found
        .iter()
        .filter(|e| matches!(e.name.as_str(), "input" | "textarea") && !hidden(e))
    {
        let id = field.attributes.get("id").expect("a field has an id");
        assert!(labelled.contains(id), "no label for {id}");
        assert!(field.within.iter().any(|name| name == "form"));
    }
}

fn assert_headings_descend(found: &[Element]) {
    let mut level = 2;
    for heading in found
        .iter()
        .filter(|e| matches!(e.name.as_str(), "h1" | "h2" | "h3"))
    {
        let this = heading.name[1..].parse::<u32>().expect("a level");
        assert!(this <= level + 1, "a heading level is skipped");
        level = this;
    }
}

#[test]
fn the_reader_finds_what_is_wrong() {
    for wrong in [
        "<html></html>",
        "<!DOCTYPE html><html>",
        "<!DOCTYPE html><p><p></p></p>",
        "<!DOCTYPE html><b></i>",
        "<!DOCTYPE html>a & b",
        "<!DOCTYPE html><a href=x></a>",
        "<!DOCTYPE html><a href=\"&\"></a>",
        "<!DOCTYPE html>a < b",
    ] {
        assert!(elements(wrong).is_err(), "{wrong}");
    }
    assert!(elements("<!DOCTYPE html><p>a &amp; b<br></p>").is_ok());
}
