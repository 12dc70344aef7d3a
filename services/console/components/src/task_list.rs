//! Task list.

use askama::Template;

use crate::attributes::{Markup as _, described_by};
use crate::{Attributes, Content, Tag};

/// What there is to do, each with how far it is.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "task_list.html")]
pub struct TaskList {
    /// The tasks.
    pub items: Vec<Task>,
    /// What the ids within begin with; `task-list` if empty.
    pub id_prefix: String,
    /// Further classes.
    pub classes: String,
    /// Further attributes.
    pub attributes: Attributes,
}

/// A task.
#[derive(Clone, Debug, Default)]
pub struct Task {
    /// What there is to do.
    pub title: Content,
    /// Further classes of the title.
    pub title_classes: String,
    /// Where it is done; none while it can't be.
    pub href: String,
    /// More about it.
    pub hint: Content,
    /// How far it is.
    pub status: TaskStatus,
    /// Further classes of the task.
    pub classes: String,
}

/// How far a task is, in words or as a tag.
#[derive(Clone, Debug, Default)]
pub struct TaskStatus {
    /// In words. What is done needs no tag.
    pub text: Content,
    /// As a tag.
    pub tag: Option<Tag>,
    /// Further classes.
    pub classes: String,
}

impl TaskList {
    fn id(&self, place: &usize) -> String {
        let prefix = match self.id_prefix.as_str() {
            "" => "task-list",
            given => given,
        };
        format!("{prefix}-{place}")
    }

    fn described(&self, item: &Task, id: &str) -> String {
        let status = format!("{id}-status");
        if item.hint.is_empty() {
            return status;
        }
        described_by(&[&format!("{id}-hint"), &status])
    }
}
