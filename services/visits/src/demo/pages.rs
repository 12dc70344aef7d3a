//! The public pages, as a browser reads them: the school's one-time link, and a published letter.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use axum::http::{Method, Request, StatusCode, header};
use tonic::body::Body;
use tonic::transport::Channel;
use tower::{Service as _, ServiceExt as _};

/// Where the published pages of a play are kept.
const PUBLISHED: &str = "published";
/// Where messages to schools arrive: the embedded default of letters.
const MAILBOX: &str = "mailbox";

/// Reads and answers pages, without a token.
#[derive(Clone, Debug)]
pub struct Browser {
    channel: Channel,
}

impl Browser {
    /// A browser with this way to the pages.
    #[must_use]
    pub const fn new(channel: Channel) -> Self {
        Self { channel }
    }

    /// Reads a page.
    ///
    /// # Errors
    /// If there is none.
    pub async fn get(&self, path: &str) -> anyhow::Result<String> {
        let (status, page) = self.ask(Method::GET, path, String::new()).await?;
        if status != StatusCode::OK {
            bail!("{path} answers {status}");
        }
        Ok(page)
    }

    /// Opens a page, whatever it answers.
    ///
    /// # Errors
    /// If nothing answers.
    pub async fn status(&self, path: &str) -> anyhow::Result<StatusCode> {
        Ok(self.ask(Method::GET, path, String::new()).await?.0)
    }

    /// Fills the form of the school's page and sends it.
    ///
    /// # Errors
    /// If the page does not take it.
    pub async fn reply(
        &self,
        path: &str,
        role: &str,
        corrections: &[(&str, &str)],
    ) -> anyhow::Result<()> {
        let page = self.get(path).await?;
        let request_id = between(&page, "name=\"request_id\" value=\"", "\"")
            .context("the school's page has no request id")?;
        let mut fields = vec![
            ("request_id".to_owned(), request_id.to_owned()),
            ("respondent_role".to_owned(), role.to_owned()),
        ];
        for (number, (passage, correction)) in (1..).zip(corrections) {
            fields.push((format!("passage-{number}"), (*passage).to_owned()));
            fields.push((format!("correction-{number}"), (*correction).to_owned()));
        }
        let form: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
            .collect();
        let (status, _) = self.ask(Method::POST, path, form.join("&")).await?;
        if status != StatusCode::OK {
            bail!("the school's page answers {status} to its reply");
        }
        Ok(())
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        form: String,
    ) -> anyhow::Result<(StatusCode, String)> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::new(axum::body::Body::from(form)))?;
        let mut channel = self.channel.clone();
        let answer = channel.ready().await?.call(request).await?;
        let status = answer.status();
        let body = axum::body::to_bytes(axum::body::Body::new(answer.into_body()), 1 << 20).await?;
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }
}

/// Keeps a published page and its style where the reader can open it.
///
/// # Errors
/// If it can't be written.
pub async fn keep(browser: &Browser, data: &Path, path: &str) -> anyhow::Result<PathBuf> {
    let folder = data.join(PUBLISHED);
    fs::create_dir_all(&folder)?;
    let style = browser.get("/letters.css").await?;
    fs::write(folder.join("letters.css"), style)?;
    let page = browser.get(path).await?;
    let name = path.trim_matches('/').replace('/', "-");
    let file = folder.join(format!("{name}.html"));
    fs::write(&file, page.replace("\"/letters.css\"", "\"letters.css\""))?;
    Ok(file)
}

/// The path of the link in the latest message to this address.
///
/// # Errors
/// If there is no message.
pub fn link_in_mailbox(data: &Path, to: &str) -> anyhow::Result<String> {
    let mut found = None;
    for entry in fs::read_dir(data.join(MAILBOX))? {
        let text = fs::read_to_string(entry?.path())?;
        if text.starts_with(&format!("To: {to}\n")) {
            found = Some(text);
        }
    }
    let message = found.context("no message for the school")?;
    let at = message.find("/letters/check/").context("no link in it")?;
    let link = message[at..].split_whitespace().next().unwrap_or_default();
    Ok(link.to_owned())
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let start = text.find(before)? + before.len();
    let length = text[start..].find(after)?;
    Some(&text[start..start + length])
}

/// As forms are sent (application/x-www-form-urlencoded).
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
                encoded.push(char::from(byte));
            }
            b' ' => encoded.push('+'),
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_encoded_as_browsers_do() {
        assert_eq!(encoded("Year 3 & 4: 100%"), "Year+3+%26+4%3A+100%25");
        assert_eq!(between("a=\"x\" b", "a=\"", "\""), Some("x"));
    }
}
