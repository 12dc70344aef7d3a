use super::*;
use crate::domain::text::Section;

const SCHOOL: &str = "Good Shepherd Primary School";

fn findings(words: &str) -> Vec<Finding> {
    findings_with(words, &[])
}

fn findings_with(words: &str, names: &[&str]) -> Vec<Finding> {
    let text = Text {
        title: "A letter".into(),
        sections: vec![Section {
            heading: String::new(),
            paragraphs: vec![words.into()],
        }],
    };
    let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
    check(&text, SCHOOL, &names)
}

fn has(words: &str, severity: Severity, rule: Rule) -> bool {
    findings(words)
        .iter()
        .any(|f| f.severity == severity && f.rule == rule)
}

#[test]
fn m5_a_graded_judgement_about_the_school_is_refused() {
    for words in [
        "The school is outstanding.",
        "The school is good.",
        "The school is inadequate.",
        "The school requires improvement.",
        "This school was judged to be strong.",
        "The school is rated highly by parents.",
        "THE SCHOOL IS — FRANKLY — OUTSTANDING!",
        "The school is out\u{200b}standing.",
        "The school is\u{a0}truly \"good\".",
        "It is a good school.",
        "Yours is a good school, and parents know it.",
        "Good Shepherd Primary School is good.",
        "Good Shepherd Primary School remains outstanding in all areas.",
        "We judge safeguarding effective and behaviour good.",
        "The quality of education is inadequate.",
        "Leadership and management are outstanding.",
        "Behaviour is good and pupils enjoy school.",
        "The school is in special measures.",
        "The school has serious weaknesses.",
        "Teaching requires improvement.",
        "Inspectors found outstanding leadership.",
        "The school's overall effectiveness did not change.",
        "Our judgement is that provision is satisfactory.",
        "The school\nwas graded good at its last inspection.",
        "The academy is no longer inadequate.",
        "It's outstanding.",
        "We saw an outstanding school.",
        "The school is a grade 2.",
        "The school is requires-improvement.",
        "Safeguarding is effective.",
        "Leadership was weak.",
        "It is a strong school.",
        "Provision is good or better.",
        "The school's work was less than good.",
    ] {
        assert!(
            has(words, Severity::Refused, Rule::GradedJudgement),
            "{words}: {:?}",
            findings(words)
        );
    }
}

#[test]
fn m5_ordinary_use_of_a_scale_word_is_marked_and_not_refused() {
    for words in [
        "Pupils have kept good attendance habits.",
        "Leaders spoke of good school attendance since September.",
        "Staff are good at calling families.",
        "It is good to see pupils back.",
        "Two outstanding repairs to the roof were made.",
        "The heating requires improvement, leaders said.",
        "The school is taking special measures to keep year groups apart.",
        "Some pupils practise for grade 2 piano.",
        "The broadband at home was inadequate.",
        "Attendance is good, leaders said.",
        "Attendance was poor in September, but has risen.",
    ] {
        let found = findings(words);
        assert!(
            has(words, Severity::Mark, Rule::JudgementWord),
            "{words}: {found:?}"
        );
        assert!(
            found.iter().all(|f| f.severity != Severity::Refused),
            "{words}: {found:?}"
        );
    }
}

#[test]
fn m5_what_a_letter_ordinarily_says_passes_without_a_finding() {
    for words in [
        "This was a visit, not an inspection. We made no graded judgements.",
        "Pupils returned in September. Leaders told us that attendance has been close to that of last autumn.",
        "The school's name is Good Shepherd Primary School.",
        "The headteacher and the designated safeguarding lead spoke with us.",
        "Year 10 pupils catch up in small groups.",
        "Leaders underrated how tired pupils would be, they said.",
        "Pupils were weak readers in March. Staff found effective ways to help.",
        "Year 6 needs strong phonics.",
        "St Mary's Church lends its hall to the school.",
    ] {
        assert_eq!(findings(words), [], "{words}");
    }
}

#[test]
fn a_name_with_a_title_is_refused() {
    for words in [
        "Mrs Khan leads the school.",
        "We spoke with Mr. J. Baker.",
        "we spoke with mrs khan",
        "Dr O’Neill told us about catch-up.",
        "Miss Ahmed's class reads daily.",
        "Ms Smith-Jones leads reading.",
    ] {
        assert!(
            has(words, Severity::Refused, Rule::PersonNamed),
            "{words}: {:?}",
            findings(words)
        );
    }
    assert_eq!(
        findings("We spoke with Mr. J. Baker.")[0].phrase,
        "Mr J Baker"
    );
    assert_eq!(findings("Pupils miss School trips. A dr may call."), []);
}

#[test]
fn what_may_be_a_name_is_marked() {
    for words in [
        "Sister Agnes helps at lunch.",
        "The headteacher, Jane Smith, spoke with us.",
    ] {
        assert!(
            has(words, Severity::Mark, Rule::PossibleName),
            "{words}: {:?}",
            findings(words)
        );
    }
}

#[test]
fn names_on_the_register_are_refused_whole_and_marked_alone() {
    let found = findings_with(
        "Jane  SMITH spoke with us. The baker calls daily.",
        &["Jane Smith", "Baker"],
    );
    let short: Vec<_> = found
        .iter()
        .map(|f| (f.severity, f.phrase.as_str()))
        .collect();
    assert_eq!(
        short,
        [(Severity::Refused, "Jane SMITH"), (Severity::Mark, "baker")]
    );
}

#[test]
fn a_sentence_of_more_than_twenty_five_words_gets_a_hint() {
    let long = "word ".repeat(26);
    assert!(has(&long, Severity::Hint, Rule::LongSentence));
    assert_eq!(findings(&"word ".repeat(25)), []);
}

#[test]
fn a_finding_keeps_its_id_when_other_sentences_change() {
    let before = findings("Pupils keep good habits.");
    let after = findings("Something new. Pupils keep  good habits.");
    assert_eq!(before[0].id, after[0].id);
    let changed = findings("Pupils keep good routines.");
    assert_ne!(before[0].id, changed[0].id);
}

#[test]
fn headings_and_titles_are_checked_too() {
    let text = Text {
        title: "An outstanding school".into(),
        sections: vec![Section {
            heading: "Mrs Khan".into(),
            paragraphs: vec![],
        }],
    };
    let found = check(&text, SCHOOL, &[]);
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].place.section, found[1].place.section), (0, 1));
}
