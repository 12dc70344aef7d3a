//! The smaller parts of a page.

use visits_components::{
    Attributes, Content, Html, PageStep, Pagination, SummaryList, SummaryRow, Table, TableCell, Tag,
};

/// A heading of the second level.
pub(crate) fn heading(words: impl Into<Content>) -> Html {
    wrapped("h2", "govuk-heading-m", words)
}

/// A heading of the third level.
pub(crate) fn subheading(words: impl Into<Content>) -> Html {
    wrapped("h3", "govuk-heading-s", words)
}

/// A paragraph; its line breaks stay.
pub(crate) fn paragraph(words: impl Into<Content>) -> Html {
    wrapped("p", "govuk-body desk-words", words)
}

/// A paragraph of lesser weight.
pub(crate) fn quiet(words: impl Into<Content>) -> Html {
    wrapped("p", "govuk-body desk-quiet", words)
}

fn wrapped(tag: &'static str, class: &'static str, words: impl Into<Content>) -> Html {
    let words: Content = words.into();
    Html::trusted(format!("<{tag} class=\"{class}\">{words}</{tag}>"))
}

/// Where something stands, in a line of its own.
pub(crate) fn state(tag: &Tag) -> Html {
    wrapped("p", "govuk-body", Html::of(tag))
}

/// A link to a page.
pub(crate) fn link(href: &str, words: impl Into<Content>) -> Html {
    let (href, words): (Content, Content) = (href.into(), words.into());
    Html::trusted(format!(
        "<a class=\"govuk-link\" href=\"{href}\">{words}</a>"
    ))
}

/// Lines below each other, in one cell or value.
pub(crate) fn stack<C: Into<Content>>(lines: impl IntoIterator<Item = C>) -> Html {
    let lines = lines.into_iter().map(|line| line.into().to_string());
    Html::trusted(lines.collect::<Vec<_>>().join("<br>"))
}

/// A list of items.
pub(crate) fn list<C: Into<Content>>(items: impl IntoIterator<Item = C>) -> Html {
    let items = items
        .into_iter()
        .map(|item| format!("<li>{}</li>", item.into()));
    Html::trusted(format!(
        "<ul class=\"govuk-list govuk-list--bullet\">{}</ul>",
        items.collect::<String>()
    ))
}

/// Facts, each with its name. One that says nothing is left out: what is not known is not guessed.
pub(crate) fn facts<const N: usize>(facts: [(&str, Content); N]) -> SummaryList {
    let known = facts.into_iter().filter(|(_, value)| !value.is_empty());
    SummaryList::new(
        known
            .map(|(name, value)| SummaryRow::new(name, value))
            .collect(),
    )
}

/// A table whose rows have their head in the first cell. On a narrow screen each cell says its
/// column.
pub(crate) fn table<const N: usize>(
    caption: &str,
    head: [&str; N],
    rows: impl IntoIterator<Item = [Content; N]>,
) -> Table {
    let cells = |row: [Content; N]| {
        let cells = row.into_iter().zip(head).enumerate();
        let cells = cells.map(|(place, (cell, name))| TableCell {
            attributes: if place == 0 {
                Attributes::new()
            } else {
                Attributes::new().with("data-name", name)
            },
            ..TableCell::new(cell)
        });
        cells.collect()
    };
    Table {
        caption: caption.to_owned(),
        caption_classes: "govuk-visually-hidden".to_owned(),
        head: head.into_iter().map(TableCell::new).collect(),
        rows: rows.into_iter().map(cells).collect(),
        first_cell_is_header: true,
        classes: "desk-queue".to_owned(),
        ..Table::default()
    }
}

/// The way to the next page of a list at `path`, whose filter is `query`.
pub(crate) fn next(path: &str, query: &[(&str, &str)], page_token: &str) -> Option<Pagination> {
    if page_token.is_empty() {
        return None;
    }
    let kept = query.iter().copied().filter(|(_, value)| !value.is_empty());
    let pairs = kept.chain([("page", page_token)]);
    let pairs = pairs.map(|(name, value)| format!("{name}={}", percent_encoded(value)));
    let href = format!("{path}?{}", pairs.collect::<Vec<_>>().join("&"));
    Some(Pagination {
        next: Some(PageStep::to(href)),
        ..Pagination::default()
    })
}

fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_people_are_text_in_every_part() {
        let evil = "<script>\"&";
        let escaped = "&lt;script&gt;&quot;&amp;";
        for part in [
            heading(evil).to_string(),
            paragraph(evil).to_string(),
            link(evil, evil).to_string(),
            stack([evil]).to_string(),
            list([evil]).to_string(),
            facts([("Fact", evil.into())]).to_string(),
            table("Rows", ["A"], [[evil.into()]]).to_string(),
        ] {
            assert!(
                part.contains(escaped) && !part.contains("<script"),
                "{part}"
            );
        }
    }

    #[test]
    fn the_next_page_keeps_the_filter() {
        let query = [("state", "READY"), ("region", "")];
        let shown = next("/visits", &query, "a=b&c").expect("more").to_string();
        assert!(
            shown.contains("/visits?state=READY&#38;page=a%3Db%26c"),
            "{shown}"
        );
        assert!(next("/visits", &query, "").is_none());
    }
}
