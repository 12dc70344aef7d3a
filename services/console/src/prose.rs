//! Texts of people and small print within components. What is marked up is ours; what people wrote
//! is escaped.

use visits_components::{Content, Html};

/// What a person wrote, with its line ends.
pub(crate) fn words(text: &str) -> Html {
    within("<span class=\"desk-words\">", text, "</span>")
}

/// Less important than what stands beside it.
pub(crate) fn quiet(text: &str) -> Html {
    within("<span class=\"desk-quiet\">", text, "</span>")
}

/// A code without blanks, which a narrow screen must break somewhere.
pub(crate) fn code(text: &str) -> Html {
    within("<span class=\"desk-code\">", text, "</span>")
}

/// A paragraph.
pub(crate) fn paragraph(text: &str) -> Html {
    within("<p class=\"govuk-body\">", text, "</p>")
}

/// Text that is shown as it is.
pub(crate) fn text(text: &str) -> Html {
    within("", text, "")
}

/// One beneath the other.
pub(crate) fn lines(parts: impl IntoIterator<Item = Html>) -> Content {
    let mut all = Html::default();
    for part in parts {
        if !all.is_empty() {
            all = all.and(&Html::trusted("<br>"));
        }
        all = all.and(&part);
    }
    all.into()
}

fn within(before: &'static str, text: &str, after: &'static str) -> Html {
    Html::trusted(before)
        .and(&Content::from(text))
        .and(&Html::trusted(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_wrote_is_never_markup() {
        let shown = lines([words("<b>\nbold"), quiet("a & b")]);
        let expected = "<span class=\"desk-words\">&lt;b&gt;\nbold</span><br>\
                        <span class=\"desk-quiet\">a &amp; b</span>";
        assert_eq!(shown.to_string(), expected);
    }
}
