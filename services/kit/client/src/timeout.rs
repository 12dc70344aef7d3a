//! `grpc-timeout`: at most eight digits and a unit.

use std::time::Duration;

use http::HeaderMap;

/// The header's name.
pub const HEADER: &str = "grpc-timeout";

/// Reads a value; nothing if it is malformed.
#[must_use]
pub fn read(value: &[u8]) -> Option<Duration> {
    let (unit, digits) = value.split_last()?;
    if digits.is_empty() || digits.len() > 8 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let amount = digits
        .iter()
        .fold(0_u64, |sum, digit| sum * 10 + u64::from(digit - b'0'));
    match unit {
        b'H' => Some(Duration::from_secs(amount * 3600)),
        b'M' => Some(Duration::from_secs(amount * 60)),
        b'S' => Some(Duration::from_secs(amount)),
        b'm' => Some(Duration::from_millis(amount)),
        b'u' => Some(Duration::from_micros(amount)),
        b'n' => Some(Duration::from_nanos(amount)),
        _ => None,
    }
}

/// What `headers` say, if they say it well.
pub(crate) fn of(headers: &HeaderMap) -> Option<Duration> {
    read(headers.get(HEADER)?.as_bytes())
}

/// Writes a value.
pub(crate) fn written(time: Duration) -> String {
    let micros = time.as_micros();
    if micros < 100_000_000 {
        format!("{micros}u")
    } else {
        format!("{}m", time.as_millis().min(99_999_999))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_written_in_at_most_eight_digits_and_read_as_written() {
        for (time, text) in [
            (Duration::from_millis(1_500), "1500000u"),
            (Duration::from_secs(600), "600000m"),
        ] {
            assert_eq!(written(time), text);
            assert_eq!(read(text.as_bytes()), Some(time));
        }
        assert_eq!(written(Duration::from_secs(10_000_000)), "99999999m");
    }
}
