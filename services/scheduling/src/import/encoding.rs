//! From a file's bytes to its physical lines and its characters.
//!
//! GIAS is published as Windows-1252 with CRLF; copies of it come gzipped, in UTF-8 with and without
//! a byte order mark, with lone carriage returns, and damaged. A line is bytes until a column of it
//! is wanted: what nobody asks for is never decoded.

use std::borrow::Cow;
use std::io::{self, Read};

use encoding_rs::WINDOWS_1252;
use flate2::read::MultiGzDecoder;

use super::error::ImportError;

/// The longest physical line that is read; a longer one is refused and skipped.
pub const MAX_LINE_BYTES: usize = 256 * 1024;
/// The longest file, after decompression. All of GIAS, closed schools included, is 65 MB.
pub const MAX_FILE_BYTES: u64 = 512 * 1024 * 1024;

const WINDOW_BYTES: usize = 64 * 1024;
const LOST: char = '\u{FFFD}';

/// One physical line, without its line end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number in the file, from 1.
    pub number: u64,
    /// Its bytes, cut at [`MAX_LINE_BYTES`].
    pub bytes: Vec<u8>,
    /// Whether it was cut.
    pub cut: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum LineEnd {
    /// LF or CRLF; a carriage return elsewhere is a stray character of its field.
    LineFeed,
    /// A carriage return alone, as old spreadsheets on the Macintosh wrote.
    CarriageReturn,
}

/// What encoding the file's characters are in, decided at the first byte that is not ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// Nothing but ASCII so far.
    Ascii,
    /// UTF-8.
    Utf8,
    /// Windows-1252.
    Windows1252,
}

impl Charset {
    /// The name for reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ascii => "ASCII",
            Self::Utf8 => "UTF-8",
            Self::Windows1252 => "Windows-1252",
        }
    }

    /// Weighs what well-formed UTF-8 there is against bytes that can't be UTF-8: one damaged
    /// character doesn't make a UTF-8 file Windows-1252, and chance hardly makes the reverse.
    fn judge(sample: &[u8]) -> Self {
        let (mut sequences, mut strays) = (0_usize, 0_usize);
        for chunk in sample.utf8_chunks() {
            sequences += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
            strays += chunk.invalid().len();
        }
        match (sequences, strays) {
            (0, 0) => Self::Ascii,
            (sequences, strays) if sequences >= strays => Self::Utf8,
            _ => Self::Windows1252,
        }
    }
}

/// The characters of a field, and what befell them on the way.
#[derive(Debug, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// The text; control characters are spaces, the ends are trimmed.
    pub text: Cow<'a, str>,
    /// Whether a character had been lost, in the file (U+FFFD) or in its reading.
    pub damaged: bool,
}

/// Reads a source line by line: gzip or plain, any of the line ends, bounded in everything.
pub struct Lines {
    source: Box<dyn Read + Send>,
    window: Vec<u8>,
    at: usize,
    ended: bool,
    bytes_read: u64,
    limit_bytes: u64,
    line: u64,
    line_end: LineEnd,
    charset: Charset,
    compressed: bool,
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines")
            .field("line", &self.line)
            .field("charset", &self.charset)
            .finish_non_exhaustive()
    }
}

impl Lines {
    /// Looks at the beginning of `source`: compression, byte order mark, line ends.
    pub fn open(source: impl Read + Send + 'static) -> Result<Self, ImportError> {
        Self::open_within(MAX_FILE_BYTES, source)
    }

    fn open_within(
        limit_bytes: u64,
        mut source: impl Read + Send + 'static,
    ) -> Result<Self, ImportError> {
        let magic = read_up_to(&mut source, 4).map_err(|e| ImportError::unreadable(1, &e))?;
        let compressed = magic.starts_with(&[0x1F, 0x8B]);
        let whole = io::Cursor::new(magic).chain(source);
        let source: Box<dyn Read + Send> = if compressed {
            Box::new(MultiGzDecoder::new(io::BufReader::new(whole)))
        } else {
            Box::new(whole)
        };
        let mut lines = Self {
            source,
            window: Vec::new(),
            at: 0,
            ended: false,
            bytes_read: 0,
            limit_bytes,
            line: 0,
            line_end: LineEnd::LineFeed,
            charset: Charset::Ascii,
            compressed,
        };
        lines.refill()?;
        lines.look_at_the_beginning()?;
        Ok(lines)
    }

    /// What the file's characters turned out to be so far.
    #[must_use]
    pub const fn charset(&self) -> Charset {
        self.charset
    }

    /// Whether the file was gzipped.
    #[must_use]
    pub const fn compressed(&self) -> bool {
        self.compressed
    }

    /// The next physical line; nothing at the end of the file.
    pub fn next_line(&mut self) -> Result<Option<Line>, ImportError> {
        let (mut bytes, mut cut, mut any) = (Vec::new(), false, false);
        loop {
            if self.at == self.window.len() {
                if self.ended {
                    break;
                }
                self.refill()?;
                continue;
            }
            any = true;
            let rest = &self.window[self.at..];
            let end = rest.iter().position(|byte| self.ends_line(*byte));
            let taken = end.unwrap_or(rest.len());
            let room = MAX_LINE_BYTES - bytes.len();
            cut |= taken > room;
            bytes.extend_from_slice(&rest[..taken.min(room)]);
            self.at += taken + usize::from(end.is_some());
            if end.is_some() {
                break;
            }
        }
        if !any {
            return Ok(None);
        }
        self.line += 1;
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
        if self.charset == Charset::Ascii && !bytes.is_ascii() {
            self.decide_charset(&bytes);
        }
        Ok(Some(Line {
            number: self.line,
            bytes,
            cut,
        }))
    }

    /// The characters of a field of this file.
    #[must_use]
    pub fn decode<'a>(&self, field: &'a [u8]) -> Decoded<'a> {
        let text = match (self.charset, std::str::from_utf8(field)) {
            (Charset::Windows1252, _) => WINDOWS_1252.decode_without_bom_handling(field).0,
            (_, Ok(text)) => Cow::Borrowed(text),
            (_, Err(_)) => String::from_utf8_lossy(field),
        };
        let text = match repaired(&text) {
            Some(repaired) => Cow::Owned(repaired),
            None => text,
        };
        let damaged = text.contains(LOST);
        let text = match text {
            Cow::Borrowed(text) => Cow::Borrowed(trimmed(text)),
            Cow::Owned(text) => Cow::Owned(trimmed(&text).to_owned()),
        };
        Decoded { text, damaged }
    }

    const fn ends_line(&self, byte: u8) -> bool {
        match self.line_end {
            LineEnd::LineFeed => byte == b'\n',
            LineEnd::CarriageReturn => byte == b'\r' || byte == b'\n',
        }
    }

    fn refill(&mut self) -> Result<(), ImportError> {
        let filled = read_up_to(&mut self.source, WINDOW_BYTES)
            .map_err(|error| ImportError::unreadable(self.line + 1, &error))?;
        self.ended = filled.len() < WINDOW_BYTES;
        self.bytes_read += filled.len() as u64;
        if self.bytes_read > self.limit_bytes {
            return Err(ImportError::TooLarge {
                limit_bytes: self.limit_bytes,
            });
        }
        self.window = filled;
        self.at = 0;
        Ok(())
    }

    fn look_at_the_beginning(&mut self) -> Result<(), ImportError> {
        if self.window.starts_with(b"PK\x03\x04") {
            return Err(ImportError::NotATable("a spreadsheet or zip archive"));
        }
        if self.window.starts_with(&[0xFF, 0xFE]) || self.window.starts_with(&[0xFE, 0xFF]) {
            return Err(ImportError::NotATable("UTF-16 text"));
        }
        if self.window.starts_with(&[0xEF, 0xBB, 0xBF]) {
            self.at = 3;
            self.charset = Charset::Utf8;
        }
        if self.window.contains(&b'\r') && !self.window.contains(&b'\n') {
            self.line_end = LineEnd::CarriageReturn;
        }
        Ok(())
    }

    fn decide_charset(&mut self, line: &[u8]) {
        let mut sample = line.to_vec();
        sample.push(b'\n');
        let ahead = &self.window[self.at..];
        // A sequence that the window cuts in two is no evidence.
        let whole = ahead
            .iter()
            .rposition(u8::is_ascii)
            .map_or(0, |last| last + 1);
        sample.extend_from_slice(&ahead[..whole]);
        self.charset = Charset::judge(&sample);
    }
}

fn read_up_to(source: &mut impl Read, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(limit);
    source.take(limit as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A text in which the traces of a wrong reading are put right: U+0080 to U+009F are Windows-1252
/// taken for ISO-8859-1 (U+0092 for an apostrophe); any other control character becomes a space.
/// Nothing, if there is nothing to do.
fn repaired(text: &str) -> Option<String> {
    if !text.chars().any(char::is_control) {
        return None;
    }
    let repair = |c: char| match u8::try_from(u32::from(c)) {
        Ok(byte @ 0x80..=0x9F) => {
            let read = WINDOWS_1252
                .decode_without_bom_handling(&[byte])
                .0
                .chars()
                .next()
                .unwrap_or(LOST);
            // Five of the 32 bytes mean nothing in Windows-1252 either.
            if read.is_control() { LOST } else { read }
        }
        _ if c.is_control() => ' ',
        _ => c,
    };
    Some(text.chars().map(repair).collect())
}

fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_gzip_file_that_unpacks_to_a_huge_one_is_refused() {
        let mut bomb = Vec::new();
        let mut endless = flate2::read::GzEncoder::new(
            io::repeat(b'x').take(4 * 1024 * 1024),
            flate2::Compression::best(),
        );
        endless.read_to_end(&mut bomb).expect("to memory");
        assert!(bomb.len() < 8 * 1024);
        let mut lines =
            Lines::open_within(1024 * 1024, io::Cursor::new(bomb)).expect("begins well");
        let refused = lines.next_line().expect_err("too large");
        assert_eq!(refused.to_string(), "the file is larger than 1 MiB");
    }
}
