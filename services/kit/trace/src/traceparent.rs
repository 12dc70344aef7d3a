//! `traceparent` as W3C Trace Context writes it: version, trace, span, flags.

use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

/// The length of version 00; later ones may go on after a dash.
const LENGTH: usize = 55;

/// Reads `text`; nothing if it is malformed.
pub(crate) fn read(text: &str) -> Option<SpanContext> {
    if !text.is_ascii() || text.len() < LENGTH {
        return None;
    }
    let (known, rest) = text.split_at(LENGTH);
    let mut parts = known.split('-');
    let version = parts.next().filter(|part| is_hex(part, 2))?;
    let trace = parts.next().filter(|part| is_hex(part, 32))?;
    let span = parts.next().filter(|part| is_hex(part, 16))?;
    let flags = parts.next().filter(|part| is_hex(part, 2))?;
    let ends_well = match version {
        "00" => rest.is_empty(),
        "ff" => false,
        _ => rest.is_empty() || rest.starts_with('-'),
    };
    if parts.next().is_some() || !ends_well {
        return None;
    }
    let flags = TraceFlags::new(u8::from_str_radix(flags, 16).ok()?) & TraceFlags::SAMPLED;
    let read = SpanContext::new(
        TraceId::from_hex(trace).ok()?,
        SpanId::from_hex(span).ok()?,
        flags,
        true,
        TraceState::default(),
    );
    read.is_valid().then_some(read)
}

fn is_hex(part: &str, length: usize) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    part.len() == length && part.bytes().all(is_digit)
}

/// Writes it in version 00; nothing if it is in no trace.
pub(crate) fn written(at: &SpanContext) -> Option<String> {
    let (trace, span, flags) = (at.trace_id(), at.span_id(), at.trace_flags());
    at.is_valid()
        .then(|| format!("00-{trace}-{span}-{:02x}", flags.to_u8()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn what_is_read_is_written_as_it_was() {
        let read = read(GOOD).expect("well formed");
        assert_eq!(written(&read).as_deref(), Some(GOOD));
    }

    #[test]
    fn a_later_version_is_read_as_far_as_it_is_known() {
        let later = GOOD.replacen("00", "01", 1) + "-more";
        let read = read(&later).expect("well formed");
        assert_eq!(written(&read).as_deref(), Some(GOOD));
    }

    #[test]
    fn what_is_malformed_is_no_trace() {
        for text in [
            "",
            "00",
            "not a traceparent, but one that is long enough to be cut at",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g",
            "00-0af7651916cd43dd8448eb211c80319cé-b7ad6b716920333-01",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
