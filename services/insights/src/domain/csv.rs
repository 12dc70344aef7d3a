//! A table's observations as a CSV file: RFC 4180 with CRLF, UTF-8, a header line first.

/// Writes a header and rows. Only a cell that holds a comma, a quotation mark or a line break is
/// quoted.
#[must_use]
pub fn write<const N: usize>(header: [&str; N], rows: &[[String; N]]) -> String {
    let mut out = String::new();
    line(&mut out, header.into_iter());
    for row in rows {
        line(&mut out, row.iter().map(String::as_str));
    }
    out
}

fn line<'c>(out: &mut String, cells: impl Iterator<Item = &'c str>) {
    for (column, cell) in cells.enumerate() {
        if column > 0 {
            out.push(',');
        }
        if cell.contains([',', '"', '\r', '\n']) {
            out.push('"');
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(cell);
        }
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_cell_with_a_comma_a_quote_or_a_line_break_is_quoted() {
        let rows = [["North East, Yorkshire".into(), "so \"called\"".into()]];
        assert_eq!(
            write(["region", "label"], &rows),
            "region,label\r\n\"North East, Yorkshire\",\"so \"\"called\"\"\"\r\n"
        );
    }

    proptest! {
        #[test]
        fn another_reader_finds_the_same_cells(
            rows in prop::collection::vec(prop::array::uniform3("[a-z,\"\r\n é]{1,8}"), 0..6),
        ) {
            let text = write(["one", "two", "three"], &rows);
            let mut reader = ::csv::Reader::from_reader(text.as_bytes());
            let read: Vec<Vec<String>> = reader
                .records()
                .map(|record| record.expect("a record").iter().map(str::to_owned).collect())
                .collect();
            let written: Vec<Vec<String>> = rows.iter().map(|row| row.to_vec()).collect();
            prop_assert_eq!(read, written);
        }
    }
}
