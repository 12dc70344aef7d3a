//! Character count.

use std::fmt::{self, Display};

use crate::attributes::{Markup as _, described_by};
use crate::{Content, FormGroup, Hint, Html, Textarea};

/// A textarea that says how much more fits in (needs JavaScript; without it, how much fits in).
#[derive(Clone, Debug, Default)]
pub struct CharacterCount {
    /// The field.
    pub textarea: Textarea,
    /// How much may be filled in, characters unless the count is of something else.
    pub maxlength: Option<u32>,
    /// How many words may be filled in; counts before [`maxlength`](Self::maxlength).
    pub maxwords: Option<u32>,
    /// What is counted: `length`, `characters` or `words`; left to the script if empty.
    pub count_type: String,
    /// At what percentage the count is first shown; at once if None.
    pub threshold: Option<u8>,
    /// What describes the field without JavaScript, with `%{count}` for the number; "You can enter
    /// up to %{count} characters" if empty.
    pub textarea_description_text: String,
    /// Further classes of the count.
    pub count_message_classes: String,
}

impl CharacterCount {
    /// A field that takes so many characters.
    #[must_use]
    pub fn new(textarea: Textarea, maxlength: u32) -> Self {
        Self {
            textarea,
            maxlength: Some(maxlength),
            ..Self::default()
        }
    }

    fn id(&self) -> &str {
        if self.textarea.id.is_empty() {
            &self.textarea.name
        } else {
            &self.textarea.id
        }
    }

    /// What is counted.
    fn count_type(&self) -> &str {
        match (self.count_type.as_str(), self.maxwords) {
            ("", Some(_)) => "words",
            (given, _) => given,
        }
    }

    fn description(&self) -> String {
        let Some(limit) = self.maxwords.or(self.maxlength) else {
            return String::new();
        };
        let unit = if self.count_type() == "words" {
            "words"
        } else {
            "characters"
        };
        let usual = format!("You can enter up to %{{count}} {unit}");
        let said = match self.textarea_description_text.as_str() {
            "" => &usual,
            given => given,
        };
        said.replace("%{count}", &limit.to_string())
    }

    /// What the script needs to know.
    fn settings(&self) -> FormGroup {
        let given = &self.textarea.form_group;
        let more = given.classes.more();
        let mut group = FormGroup {
            classes: format!("govuk-character-count{more}"),
            ..given.clone()
        };
        let mut set = |name, value: String| {
            group.attributes = std::mem::take(&mut group.attributes).with(name, value);
        };
        set("data-module", "govuk-character-count".to_owned());
        if let Some(limit) = self.maxlength {
            set("data-maxlength", limit.to_string());
        }
        if let Some(limit) = self.maxwords {
            set("data-maxwords", limit.to_string());
        }
        if let Some(threshold) = self.threshold {
            set("data-threshold", threshold.to_string());
        }
        if !self.count_type().is_empty() {
            set("data-count-type", self.count_type().to_owned());
        }
        let unset = self.maxlength.is_none() && self.maxwords.is_none();
        if unset && !self.textarea_description_text.is_empty() {
            let name = "data-i18n.textarea-description.other";
            set(name, self.textarea_description_text.clone());
        }
        group
    }
}

impl Display for CharacterCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let info = format!("{}-info", self.id());
        let count = Hint {
            text: Content::Text(self.description()),
            id: info.clone(),
            classes: format!(
                "govuk-character-count__message{}",
                self.count_message_classes.more()
            ),
            ..Hint::default()
        };
        let mut form_group = self.settings();
        form_group.after_input = Html::of(&count).and(&form_group.after_input);
        let textarea = Textarea {
            described_by: described_by(&[&info, &self.textarea.described_by]),
            classes: format!("govuk-js-character-count{}", self.textarea.classes.more()),
            form_group,
            ..self.textarea.clone()
        };
        textarea.fmt(f)
    }
}
