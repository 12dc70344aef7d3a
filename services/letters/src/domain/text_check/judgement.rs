//! Graded judgements (M5): the words of the grading scale, and when they judge this school.

use super::sentence::Sentence;
use super::{Hit, Rule, Severity};

/// A word or phrase of the scale, today's and earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Grade {
    first: usize,
    last: usize,
    tier: Tier,
}

/// How much ordinary use a word of judgement has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tier {
    /// Hardly any: words of the scale. Marked wherever they aren't refused.
    Scale,
    /// Much: `good` and numbered grades. Refused in fewer places, and marked elsewhere.
    Everyday,
    /// Words that judge without being of the scale, as `weak`. Found only where they judge.
    Informal,
}

/// What a judgement is about: the school, and what inspections grade.
const SUBJECTS: [&str; 27] = [
    "school",
    "schools",
    "academy",
    "college",
    "nursery",
    "provider",
    "provision",
    "setting",
    "it",
    "this",
    "they",
    "leadership",
    "management",
    "leaders",
    "governance",
    "governors",
    "trustees",
    "teachers",
    "teaching",
    "staff",
    "education",
    "curriculum",
    "safeguarding",
    "behaviour",
    "effectiveness",
    "outcomes",
    "headteacher",
];

/// What schools give figures on, so that a word of judgement may be ordinary use: marked.
const SOFT_SUBJECTS: [&str; 3] = ["attendance", "attitudes", "development"];

/// Nouns that a grade before them judges.
const JUDGED: [&str; 9] = [
    "school",
    "academy",
    "college",
    "nursery",
    "provider",
    "provision",
    "primary",
    "secondary",
    "setting",
];

/// Nouns that a grade before them judges, unless the grade is an everyday word.
const JUDGED_STRICTLY: [&str; 8] = [
    "leadership",
    "management",
    "teaching",
    "education",
    "safeguarding",
    "behaviour",
    "curriculum",
    "governance",
];

/// Nouns after "good school" that make it a word about something else: "good school attendance".
const SCHOOL_THINGS: [&str; 12] = [
    "attendance",
    "meals",
    "dinners",
    "uniform",
    "uniforms",
    "day",
    "days",
    "work",
    "routines",
    "habits",
    "community",
    "library",
];

/// Verbs that join a subject to what is said of it.
const COPULAS: [&str; 16] = [
    "is", "was", "are", "were", "be", "been", "being", "remain", "remains", "remained", "become",
    "becomes", "became", "stays", "as", "isn't",
];

/// Words that may stand between the verb and the grade.
const QUALIFIERS: [&str; 42] = [
    "a",
    "an",
    "the",
    "not",
    "very",
    "truly",
    "now",
    "still",
    "also",
    "really",
    "quite",
    "clearly",
    "consistently",
    "always",
    "frankly",
    "generally",
    "simply",
    "no",
    "never",
    "longer",
    "far",
    "from",
    "in",
    "our",
    "view",
    "overall",
    "both",
    "currently",
    "already",
    "securely",
    "undoubtedly",
    "therefore",
    "or",
    "and",
    "better",
    "than",
    "at",
    "least",
    "judged",
    "to",
    "be",
    "of",
];

/// Verdicts that are refused wherever they stand.
const VERDICTS: [&[&str]; 10] = [
    &["good", "or", "better"],
    &["less", "than", "good"],
    &["judged", "to", "be"],
    &["judged", "as"],
    &["judge", "the", "school"],
    &["judged", "the", "school"],
    &["rated"],
    &["overall", "effectiveness"],
    &["inspection", "grade"],
    &["ofsted", "grade"],
];

/// Verdicts that make any word of the scale in their sentence a judgement.
const JUDGING: [&str; 11] = [
    "judge",
    "judged",
    "judges",
    "judgement",
    "judgment",
    "grade",
    "graded",
    "grading",
    "rating",
    "ratings",
    "rate",
];

/// What the sentence says of grades: the strongest hit for each word.
pub(super) fn hits(sentence: &Sentence) -> Vec<Hit> {
    let mut hits: Vec<Hit> = verdicts(sentence);
    let judging = sentence
        .words
        .iter()
        .any(|w| JUDGING.contains(&w.folded.as_str()));
    let mut at = 0;
    while at < sentence.words.len() {
        let Some(grade) = grade_at(sentence, at) else {
            at += 1;
            continue;
        };
        hits.extend(hit(sentence, grade, judging));
        at = grade.last + 1;
    }
    hits
}

fn verdicts(sentence: &Sentence) -> Vec<Hit> {
    let mut hits = Vec::new();
    for at in 0..sentence.words.len() {
        for verdict in VERDICTS {
            if sentence.has_at(at, verdict) {
                hits.push(refused(at, at + verdict.len() - 1));
            }
        }
    }
    hits
}

fn grade_at(sentence: &Sentence, at: usize) -> Option<Grade> {
    let grade = |length: usize, tier: Tier| {
        Some(Grade {
            first: at,
            last: at + length - 1,
            tier,
        })
    };
    match (sentence.at(at), sentence.at(at + 1)) {
        ("outstanding" | "inadequate" | "satisfactory", _) => grade(1, Tier::Scale),
        ("good", _) => grade(1, Tier::Everyday),
        ("require" | "requires" | "required" | "requiring", "improvement")
        | ("special", "measures")
        | ("serious", "weakness" | "weaknesses") => grade(2, Tier::Scale),
        ("grade", "1" | "2" | "3" | "4" | "one" | "two" | "three" | "four") => {
            grade(2, Tier::Everyday)
        }
        ("excellent" | "poor" | "weak" | "strong" | "failing" | "effective" | "ineffective", _) => {
            grade(1, Tier::Informal)
        }
        _ => None,
    }
}

/// What to make of a word of judgement where it stands.
fn hit(sentence: &Sentence, grade: Grade, judging: bool) -> Option<Hit> {
    let informal = grade.tier == Tier::Informal;
    if judging && !informal && sentence.at(grade.first) != "grade" {
        return Some(refused(grade.first, grade.last));
    }
    if let Some(subject) = predicate_of(sentence, grade) {
        return if SOFT_SUBJECTS.contains(&sentence.at(subject)) {
            Some(marked(subject, grade.last))
        } else {
            Some(refused(subject, grade.last))
        };
    }
    if judges_what_follows(sentence, grade) {
        return Some(refused(grade.first, grade.last + 1));
    }
    (!informal).then(|| marked(grade.first, grade.last))
}

/// Where the subject stands of which the grade is said, if the grade is said of one.
fn predicate_of(sentence: &Sentence, grade: Grade) -> Option<usize> {
    if !ends_the_thought(sentence, grade) {
        return None;
    }
    if sentence.at(grade.first).starts_with("requir") {
        return subject_before(sentence, grade.first);
    }
    let mut at = grade.first;
    loop {
        at = at.checked_sub(1)?;
        let word = sentence.at(at);
        if COPULAS.contains(&word)
            || (grade_is_had(sentence, grade) && matches!(word, "has" | "had" | "have"))
        {
            return subject_before(sentence, at);
        }
        // "It's outstanding": the verb is part of the subject's word.
        if sentence.words[at].contracted && is_subject(word) {
            return Some(at);
        }
        let between =
            QUALIFIERS.contains(&word) || word.ends_with("ly") || grade_at(sentence, at).is_some();
        if !between {
            return None;
        }
    }
}

/// Schools *have* serious weaknesses, where they *are* good.
fn grade_is_had(sentence: &Sentence, grade: Grade) -> bool {
    sentence.at(grade.first) == "serious"
}

fn is_subject(word: &str) -> bool {
    SUBJECTS.contains(&word) || SOFT_SUBJECTS.contains(&word)
}

/// The nearest subject before `verb`, at most six words away.
fn subject_before(sentence: &Sentence, verb: usize) -> Option<usize> {
    (verb.saturating_sub(6)..verb)
        .rev()
        .find(|at| is_subject(sentence.at(*at)))
}

/// Whether the thought ends with the grade, so that it is said of the subject and not of a noun that
/// follows: "is good", "is good in all areas", but not "is good at calling parents".
fn ends_the_thought(sentence: &Sentence, grade: Grade) -> bool {
    if sentence.clause_ends_at(grade.last) {
        return true;
    }
    let next = sentence.at(grade.last + 1);
    let joins = matches!(
        next,
        "and" | "or" | "but" | "overall" | "because" | "since" | "when" | "while"
    );
    let in_general = sentence.has_at(grade.last + 1, &["in", "all"])
        || sentence.has_at(grade.last + 1, &["in", "every"])
        || sentence.has_at(grade.last + 1, &["in", "our"]);
    let loosely = match grade.tier {
        Tier::Scale => matches!(next, "in" | "at" | "for" | "across" | "by" | "with"),
        Tier::Informal => matches!(next, "in" | "across"),
        Tier::Everyday => false,
    };
    joins || in_general || loosely
}

/// Whether the grade judges the noun after it: "an outstanding school", "inadequate safeguarding".
fn judges_what_follows(sentence: &Sentence, grade: Grade) -> bool {
    let next = sentence.at(grade.last + 1);
    let two_words = grade.first != grade.last;
    if two_words || sentence.clause_ends_at(grade.last) {
        return false;
    }
    if JUDGED.contains(&next) {
        let thing = sentence.at(grade.last + 2);
        return !SCHOOL_THINGS.contains(&thing) || sentence.clause_ends_at(grade.last + 1);
    }
    grade.tier == Tier::Scale && JUDGED_STRICTLY.contains(&next)
}

const fn marked(first: usize, last: usize) -> Hit {
    Hit {
        first,
        last,
        severity: Severity::Mark,
        rule: Rule::JudgementWord,
    }
}

const fn refused(first: usize, last: usize) -> Hit {
    Hit {
        first,
        last,
        severity: Severity::Refused,
        rule: Rule::GradedJudgement,
    }
}
