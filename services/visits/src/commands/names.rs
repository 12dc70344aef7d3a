//! Resource names as people type them: whole, or only the identifier.

/// `visits/0192…` for itself and for `0192…`.
pub(super) fn full(collection: &str, given: &str) -> String {
    let given = given.trim();
    if given.starts_with(&format!("{collection}/")) {
        given.to_owned()
    } else {
        format!("{collection}/{given}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_accepted_whole_or_as_its_identifier() {
        assert_eq!(full("schools", "123166"), "schools/123166");
        assert_eq!(full("schools", "schools/123166"), "schools/123166");
    }
}
