//! Takes from another's stylesheet what our pages use of it.

/// The rules of `css` that `wants` wants, given what stands before a rule's braces and within them.
/// Comments go, and conditions (`@media`) whose rules all go.
pub(crate) fn chosen(css: &str, wants: &dyn Fn(&str, &str) -> bool) -> String {
    let mut chosen = String::new();
    let bare = without_comments(css);
    let mut rest = bare.as_str();
    while let Some(at) = rest.find(['{', ';']) {
        let head = rest[..at].trim();
        if rest.as_bytes()[at] == b';' {
            // A statement, such as @charset: ours stands first in the file.
            rest = &rest[at + 1..];
            continue;
        }
        let end = closing(rest, at);
        let body = &rest[at + 1..end];
        if head.starts_with("@media") || head.starts_with("@supports") {
            let inner = self::chosen(body, wants);
            if !inner.is_empty() {
                chosen.push_str(&format!("{head}{{{inner}}}"));
            }
        } else if wants(head, body) {
            chosen.push_str(&format!("{head}{{{body}}}"));
        }
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    chosen
}

fn without_comments(css: &str) -> String {
    let mut bare = String::new();
    let mut rest = css;
    while let Some((before, comment)) = rest.split_once("/*") {
        bare.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    bare + rest
}

/// Where the brace that is open at `open` is closed.
fn closing(css: &str, open: usize) -> usize {
    let mut depth = 0;
    for (at, byte) in css.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return at,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    css.len()
}
