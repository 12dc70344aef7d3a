//! A released table as lines for a terminal: pure, so that the command line only has to print.

use visits_proto::insights::v1::{ReleaseTable, ReleaseTableRow};

/// A table as plain rows of texts, for whoever draws its own borders.
#[must_use]
pub fn rows(table: &ReleaseTable) -> Vec<Vec<String>> {
    let texts = |row: &ReleaseTableRow| row.cells.iter().map(|cell| cell.text.clone()).collect();
    table.rows.iter().map(texts).collect()
}

/// A table with its title, aligned columns and notes. Numbers stand to the right, words to the
/// left; a count and its percentage share a column.
#[must_use]
pub fn lines(table: &ReleaseTable) -> Vec<String> {
    let columns: Vec<Column> = columns(table);
    let headed = columns
        .iter()
        .map(|column| column.heading.len())
        .max()
        .unwrap_or(0);
    let mut out = vec![table.title.clone(), String::new()];
    for line in 0..headed {
        // A heading of fewer lines stands at the bottom.
        let word = |column: &Column| {
            let above = headed - column.heading.len();
            line.checked_sub(above)
                .map_or(String::new(), |line| column.heading[line].clone())
        };
        out.push(joined(&columns, word));
    }
    let gaps = GAP.len() * columns.len().saturating_sub(1);
    out.push("-".repeat(columns.iter().map(|column| column.width).sum::<usize>() + gaps));
    for row in 0..table.rows.len() {
        out.push(joined(&columns, |column| column.cells[row].clone()));
    }
    out.push(String::new());
    out.extend(table.notes.iter().map(|note| format!("* {note}")));
    out
}

const GAP: &str = "  ";
/// A longer heading over numbers is broken at its last blank.
const HEADING_CHARS_MAX: usize = 12;

/// One printed column.
struct Column {
    heading: Vec<String>,
    cells: Vec<String>,
    width: usize,
    to_the_right: bool,
}

impl Column {
    fn new(heading: &str, cells: Vec<String>, to_the_right: bool) -> Self {
        let broken = heading
            .rsplit_once(' ')
            .filter(|_| to_the_right && heading.chars().count() > HEADING_CHARS_MAX);
        let heading = broken.map_or_else(
            || vec![heading.to_owned()],
            |(above, below)| vec![above.to_owned(), below.to_owned()],
        );
        let width = heading
            .iter()
            .chain(&cells)
            .map(|text| text.chars().count())
            .max();
        Self {
            heading,
            width: width.unwrap_or(0),
            cells,
            to_the_right,
        }
    }
}

fn columns(table: &ReleaseTable) -> Vec<Column> {
    let texts = rows(table);
    let cell = |row: usize, column: usize| texts[row].get(column).map_or("", String::as_str);
    let mut columns = Vec::new();
    let mut headings = table.columns.iter().enumerate().peekable();
    while let Some((index, heading)) = headings.next() {
        let percent = format!("{heading} %");
        let with_percent = headings.next_if(|(_, next)| **next == percent).is_some();
        let cells = (0..texts.len()).map(|row| {
            let count = cell(row, index);
            if with_percent {
                format!("{count} {:>4}", cell(row, index + 1))
            } else {
                count.to_owned()
            }
        });
        let mut in_column = table.rows.iter().filter_map(|row| row.cells.get(index));
        let is_number = in_column.any(|cell| cell.number.is_some());
        columns.push(Column::new(heading, cells.collect(), is_number));
    }
    columns
}

fn joined(columns: &[Column], text: impl Fn(&Column) -> String) -> String {
    let padded: Vec<String> = columns
        .iter()
        .map(|column| {
            let (text, width) = (text(column), column.width);
            if column.to_the_right {
                format!("{text:>width$}")
            } else {
                format!("{text:<width$}")
            }
        })
        .collect();
    padded.join(GAP).trim_end().to_owned()
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
        let columns = ["Phase", "Schools", "Good", "Good %", "Requires improvement"];
        let table = ReleaseTable {
            name: String::new(),
            title: "Schools visited".into(),
            columns: columns.map(str::to_owned).into(),
            rows: vec![
                row(&[
                    ("Nursery", None),
                    ("0", Some(0)),
                    ("0", Some(0)),
                    ("N/A", None),
                    ("0", Some(0)),
                ]),
                row(&[
                    ("Primary", None),
                    ("124", Some(124)),
                    ("83", Some(83)),
                    ("67%", Some(67)),
                    ("21", Some(21)),
                ]),
            ],
            notes: vec!["Percentages are of the row.".into()],
        };
        assert_eq!(
            lines(&table),
            [
                "Schools visited",
                "",
                "                              Requires",
                "Phase    Schools     Good  improvement",
                "--------------------------------------",
                "Nursery        0   0  N/A            0",
                "Primary      124  83  67%           21",
                "",
                "* Percentages are of the row.",
            ]
        );
        assert_eq!(rows(&table)[1], ["Primary", "124", "83", "67%", "21"]);
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
