//! A browser without script: follows redirects, keeps cookies, fills in forms.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// What nothing here takes, unless it never comes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Somebody's browser.
pub struct Browser {
    pub address: SocketAddr,
    pub cookies: BTreeMap<String, String>,
    pub page: Answer,
    pub path: String,
}

/// An answer.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// Asserts that the page says this.
    #[track_caller]
    pub fn says(&self, words: &str) {
        assert!(
            self.text().contains(words),
            "{words:?} is not in: {}",
            self.text()
        );
    }

    /// Asserts that the page doesn't say this.
    #[track_caller]
    pub fn says_nothing_of(&self, words: &str) {
        assert!(
            !self.text().contains(words),
            "{words:?} is in: {}",
            self.text()
        );
    }

    /// The page without its markup, in one line.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for part in self.body.split('<') {
            let (tag, words) = part.split_once('>').unwrap_or(("", part));
            // What stands beside each other without a tag's end is one word to a reader.
            if !matches!(tag, "span" | "/span" | "wbr") {
                text.push(' ');
            }
            text.push_str(words);
        }
        let words = unescaped(&text);
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

impl Browser {
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            cookies: BTreeMap::new(),
            page: Answer::default(),
            path: String::new(),
        }
    }

    /// Another window of the same browser.
    pub fn twin(&self) -> Self {
        Self {
            address: self.address,
            cookies: self.cookies.clone(),
            page: Answer::default(),
            path: String::new(),
        }
    }

    /// Opens a page, wherever that leads.
    pub async fn open(&mut self, path: &str) -> &Answer {
        let answer = self.send("GET", path, &[], "").await;
        self.follow(path, answer).await
    }

    /// Fills in the form of this page whose address ends so, and sends it.
    pub async fn submit(&mut self, action: &str, fields: &[(&str, &str)]) -> &Answer {
        let (address, mut values) = form(&self.page.body, action);
        for (name, value) in fields {
            values.insert((*name).to_owned(), (*value).to_owned());
        }
        let body = encoded(&values);
        let origin = format!("http://{}", self.address);
        let headers = [
            ("Origin", origin.as_str()),
            ("Sec-Fetch-Site", "same-origin"),
        ];
        let answer = self.send("POST", &address, &headers, &body).await;
        self.follow(&address, answer).await
    }

    async fn follow(&mut self, path: &str, answer: Answer) -> &Answer {
        let (mut path, mut answer) = (path.to_owned(), answer);
        while (300..400).contains(&answer.status) {
            path = answer.header("location").to_owned();
            answer = self.send("GET", &path, &[], "").await;
        }
        self.path = path;
        self.page = answer;
        &self.page
    }

    /// One request and its answer, redirect or not.
    pub async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|(name, _)| *name == "Host") {
            head.push_str(&format!("Host: {}\r\n", self.address));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if method == "POST" {
            head.push_str("Content-Type: application/x-www-form-urlencoded\r\n");
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        head.push_str(&format!("Cookie: {}\r\n\r\n{body}", self.cookie()));
        let mut stream = TcpStream::connect(self.address).await.expect("connected");
        stream.write_all(head.as_bytes()).await.expect("sent");
        let mut answer = Vec::new();
        let read = stream.read_to_end(&mut answer);
        timeout(PATIENCE, read)
            .await
            .expect("in time")
            .expect("an answer");
        let answer = parsed(&String::from_utf8_lossy(&answer));
        for (name, value) in &answer.headers {
            if name == "set-cookie" {
                self.keep(value);
            }
        }
        answer
    }

    fn cookie(&self) -> String {
        let pairs = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    fn keep(&mut self, set: &str) {
        let pair = set.split(';').next().unwrap_or_default();
        let (name, value) = pair.split_once('=').expect("a cookie");
        if value.is_empty() {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    /// Opens the live feed, after what another connection had.
    pub async fn feed(&self, last_event_id: Option<&str>) -> Feed {
        let mut stream = TcpStream::connect(self.address).await.expect("connected");
        let last = last_event_id.map_or(String::new(), |id| format!("Last-Event-ID: {id}\r\n"));
        let head = format!(
            "GET /live HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\n{last}\r\n",
            self.address,
            self.cookie()
        );
        stream.write_all(head.as_bytes()).await.expect("sent");
        Feed {
            stream: BufReader::new(stream),
        }
    }
}

/// A live feed.
pub struct Feed {
    stream: BufReader<TcpStream>,
}

/// A message of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    pub name: String,
    pub id: String,
    pub data: String,
}

impl Feed {
    /// The next message; nothing if the feed has ended.
    pub async fn next(&mut self) -> Option<Told> {
        timeout(PATIENCE, self.read())
            .await
            .expect("a message in time")
    }

    /// The next message about a case.
    pub async fn next_case(&mut self) -> Told {
        self.next_named("case").await
    }

    /// The next message of this name.
    pub async fn next_named(&mut self, name: &str) -> Told {
        loop {
            let told = self.next().await.expect("the feed goes on");
            if told.name == name {
                return told;
            }
        }
    }

    async fn read(&mut self) -> Option<Told> {
        let mut told = Told::default();
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return None;
            }
            let line = line.trim_end();
            let (field, value) = line.split_once(": ").unwrap_or((line, ""));
            match field {
                "event" => told.name = value.to_owned(),
                "id" => told.id = value.to_owned(),
                "data" => told.data = value.to_owned(),
                // The empty line that ends a message; others stand between the chunks.
                "" if !told.name.is_empty() => return Some(told),
                _ => {}
            }
        }
    }
}

fn parsed(answer: &str) -> Answer {
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    let headers = lines.filter_map(|line| line.split_once(": "));
    Answer {
        status: status.and_then(|code| code.parse().ok()).expect("a status"),
        headers: headers
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect(),
        body: body.to_owned(),
    }
}

/// The address of a form, and what it holds before anybody fills it in.
#[track_caller]
fn form(page: &str, action: &str) -> (String, BTreeMap<String, String>) {
    let forms = page.split("<form ").skip(1);
    let found = forms.map(|form| form.split("</form>").next().unwrap_or_default());
    let found = found
        .map(|form| (attribute(form, "action").unwrap_or_default(), form))
        .find(|(address, _)| address.ends_with(action));
    let (address, form) = found.unwrap_or_else(|| panic!("no form {action} on: {page}"));
    let mut values = BTreeMap::new();
    for input in form.split("<input ").skip(1) {
        let tag = input.split('>').next().unwrap_or_default();
        let is_choice = tag.contains("type=\"radio\"") || tag.contains("type=\"checkbox\"");
        if let (Some(name), false) = (
            attribute(tag, "name"),
            is_choice && !tag.contains(" checked"),
        ) {
            values.insert(name, attribute(tag, "value").unwrap_or_default());
        }
    }
    for area in form.split("<textarea ").skip(1) {
        let (tag, rest) = area.split_once('>').unwrap_or((area, ""));
        let text = rest.split("</textarea>").next().unwrap_or_default();
        if let Some(name) = attribute(tag, "name") {
            values.insert(name, unescaped(text));
        }
    }
    (address, values)
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    rest.split('"').next().map(unescaped)
}

fn unescaped(text: &str) -> String {
    text.replace("&#34;", "\"")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&amp;", "&")
        .replace("&#38;", "&")
}

/// As browsers send a form.
pub fn encoded(values: &BTreeMap<String, String>) -> String {
    let pairs = values
        .iter()
        .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn escaped(text: &str) -> String {
    let bytes = text.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    });
    bytes.collect()
}
