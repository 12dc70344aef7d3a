//! A released table as lines for a terminal: pure, so that the command line only has to print.

use visits_proto::insights::v1::{ReleaseTable, ReleaseTableRow};

/// A table as plain rows of texts, for whoever draws its own borders.
#[must_use]
pub fn rows(table: &ReleaseTable) -> Vec<Vec<String>> {
    let texts = |row: &ReleaseTableRow| row.cells.iter().map(|cell| cell.text.clone()).collect();
    table.rows.iter().map(texts).collect()
}

/// A table with its title, aligned columns and notes. Numbers stand to the right, words to the
/// left. Percentage columns share the heading of the count before them.
#[must_use]
pub fn lines(table: &ReleaseTable) -> Vec<String> {
    let headings: Vec<&str> = headings(&table.columns);
    let rows = rows(table);
    let widths: Vec<usize> = (0..headings.len())
        .map(|column| {
            let cells = rows
                .iter()
                .filter_map(|row| row.get(column))
                .map(String::as_str);
            let longest = cells
                .chain([headings[column]])
                .map(|cell| cell.chars().count())
                .max();
            longest.unwrap_or(0)
        })
        .collect();
    let numeric: Vec<bool> = (0..headings.len())
        .map(|column| {
            let mut cells = table.rows.iter().filter_map(|row| row.cells.get(column));
            cells.any(|cell| cell.number.is_some() && cell.text.len() < 8)
        })
        .collect();

    let mut out = vec![table.title.clone(), String::new()];
    out.push(line(headings.iter().copied(), &widths, &numeric));
    out.push("-".repeat(widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1)));
    for row in &rows {
        out.push(line(row.iter().map(String::as_str), &widths, &numeric));
    }
    out.push(String::new());
    out.extend(table.notes.iter().map(|note| format!("* {note}")));
    out
}

/// `Good`, `Good %` → `Good`, `%`.
fn headings(columns: &[String]) -> Vec<&str> {
    let shortened = |(index, column): (usize, &'_ String)| {
        let before = index.checked_sub(1).and_then(|before| columns.get(before));
        before.is_some_and(|before| column.strip_suffix(" %") == Some(before.as_str()))
    };
    let short: Vec<bool> = columns.iter().enumerate().map(shortened).collect();
    columns
        .iter()
        .zip(short)
        .map(|(column, short)| if short { "%" } else { column.as_str() })
        .collect()
}

fn line<'c>(cells: impl Iterator<Item = &'c str>, widths: &[usize], numeric: &[bool]) -> String {
    let padded: Vec<String> = cells
        .zip(widths.iter().zip(numeric))
        .map(|(cell, (width, numeric))| {
            if *numeric {
                format!("{cell:>width$}")
            } else {
                format!("{cell:<width$}")
            }
        })
        .collect();
    padded.join("  ").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use visits_proto::insights::v1::ReleaseTableCell;

    fn row(cells: &[(&str, Option<i64>)]) -> ReleaseTableRow {
        let cell = |(text, number): &(&str, Option<i64>)| ReleaseTableCell {
            text: (*text).to_owned(),
            number: *number,
        };
        ReleaseTableRow {
            cells: cells.iter().map(cell).collect(),
        }
    }

    #[test]
    fn a_table_is_printed_with_aligned_columns() {
        let table = ReleaseTable {
            name: String::new(),
            title: "Schools visited".into(),
            columns: ["Phase", "Schools", "Good", "Good %"]
                .map(str::to_owned)
                .into(),
            rows: vec![
                row(&[
                    ("Nursery", None),
                    ("0", Some(0)),
                    ("0", Some(0)),
                    ("N/A", None),
                ]),
                row(&[
                    ("Primary", None),
                    ("124", Some(124)),
                    ("83", Some(83)),
                    ("67%", Some(67)),
                ]),
            ],
            notes: vec!["Percentages are of the row.".into()],
        };
        assert_eq!(
            lines(&table),
            [
                "Schools visited",
                "",
                "Phase    Schools  Good    %",
                "---------------------------",
                "Nursery        0     0  N/A",
                "Primary      124    83  67%",
                "",
                "* Percentages are of the row.",
            ]
        );
        assert_eq!(rows(&table)[1], ["Primary", "124", "83", "67%"]);
    }

    #[test]
    fn a_table_without_rows_still_has_its_headings() {
        let table = ReleaseTable {
            columns: vec!["Kind".into()],
            ..ReleaseTable::default()
        };
        assert_eq!(lines(&table)[2], "Kind");
    }
}
