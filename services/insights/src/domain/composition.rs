//! The composition of the sample, in the manner of Ofsted's briefing of October 2020: how many
//! schools were visited, by phase (or region) and by the previous inspection's grade, with row
//! percentages. The previous grade is public and says nothing about the visit (M5).

use super::csv;
use super::percent::{Share, whole_percents};
use super::school::{Dimension, PreviousGrade, SchoolFacts};
use super::table::{Cell, Table};

const GRADES: usize = 5;

/// Counts of schools by a dimension and the previous grade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composition<D> {
    /// A row for each value of the dimension, with or without schools.
    pub rows: Vec<(D, Row)>,
    /// All schools.
    pub all: Row,
}

/// One row: how many schools of each previous grade.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// In the order of [`PreviousGrade::ALL`].
    pub counts: [u64; GRADES],
}

impl Row {
    /// How many schools the row has.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The shares of the row, in the order of the counts.
    #[must_use]
    pub fn shares(&self) -> [Share; GRADES] {
        let percents = whole_percents(self.counts);
        std::array::from_fn(|column| {
            Share::of(self.counts[column], percents.map(|row| row[column]))
        })
    }

    fn add(&mut self, grade: PreviousGrade) {
        let column = PreviousGrade::ALL.iter().position(|known| *known == grade);
        if let Some(count) = column.and_then(|column| self.counts.get_mut(column)) {
            *count += 1;
        }
    }
}

impl<D: Dimension> Composition<D> {
    /// Counts schools, each by `dimension` and its previous grade.
    #[must_use]
    pub fn count<'s>(
        schools: impl IntoIterator<Item = &'s SchoolFacts>,
        dimension: fn(&SchoolFacts) -> D,
    ) -> Self {
        let mut rows: Vec<(D, Row)> = D::ALL
            .iter()
            .map(|value| (*value, Row::default()))
            .collect();
        let mut all = Row::default();
        for school in schools {
            let value = dimension(school);
            if let Some((_, row)) = rows.iter_mut().find(|(known, _)| *known == value) {
                row.add(school.previous_grade);
            }
            all.add(school.previous_grade);
        }
        Self { rows, all }
    }

    /// The table: label, schools, then a count and a percentage for each previous grade.
    #[must_use]
    pub fn table(&self, slug: &str, title: &str, first_column: &str) -> Table {
        let mut columns = vec![first_column.to_owned(), "Schools".to_owned()];
        for grade in PreviousGrade::ALL {
            columns.push(grade.label().to_owned());
            columns.push(format!("{} %", grade.label()));
        }
        let labelled = self.rows.iter().map(|(value, row)| (value.label(), row));
        let rows = labelled
            .chain([("All schools", &self.all)])
            .map(|(label, row)| cells(label, row))
            .collect();
        Table {
            slug: slug.to_owned(),
            title: title.to_owned(),
            columns,
            rows,
            notes: NOTES.iter().map(ToString::to_string).collect(),
            csv: self.csv(),
        }
    }

    /// One observation a line, totals included.
    fn csv(&self) -> String {
        let slugged = self.rows.iter().map(|(value, row)| (value.slug(), row));
        let mut lines = Vec::new();
        for (slug, row) in slugged.chain([("Total", &self.all)]) {
            let whole = Share::of(row.total(), (row.total() > 0).then_some(100));
            let parts = PreviousGrade::ALL.iter().zip(row.counts).zip(row.shares());
            let parts = parts.map(|((grade, count), share)| (grade.slug(), count, share));
            for (grade, count, share) in parts.chain([("Total", row.total(), whole)]) {
                lines.push([slug.into(), grade.into(), count.to_string(), share.symbol()]);
            }
        }
        let header = [
            D::HEADER,
            PreviousGrade::HEADER,
            "school_count",
            "school_percent",
        ];
        csv::write(header, &lines)
    }
}

fn cells(label: &str, row: &Row) -> Vec<Cell> {
    let mut cells = vec![Cell::words(label), Cell::count(row.total())];
    for (count, share) in row.counts.into_iter().zip(row.shares()) {
        cells.push(Cell::count(count));
        cells.push(Cell::number(share.text(), share.numeral().map(u64::from)));
    }
    cells
}

/// What a reader of a composition table must know.
const NOTES: [&str; 5] = [
    "Each school with a completed interim visit is counted once. Visits that were turned into an \
     inspection are left out.",
    "The grade is that of the school's previous inspection. An interim visit gives no grade.",
    "Percentages are of the row, whole, and add to 100: what is missing after cutting down is given \
     to the largest remainders.",
    "\"<1%\" is more than nought and counts as 0 in the sum; \"N/A\" marks a row without schools.",
    "\"Not known\" is a school that was never inspected, that has no overall grade, or about which \
     the register is silent.",
];

#[cfg(test)]
#[path = "composition_tests.rs"]
mod tests;
