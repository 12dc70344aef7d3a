//! Drafting: what the letter is about and what it is drafted from are fetched before the step.
