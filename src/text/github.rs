//! What GitHub tells of a repository, as the words of a message.
//!
//! - [`Delivery::read`] takes the header `X-GitHub-Event` and the body of a request, JSON or GitHub's form;
//! - [`Delivery::words`] gives the message in Markdown, or nothing where the event is not worth one;
//! - [`Delivery::run`] says of a workflow which one it was and whether it failed, so that who keeps that by
//!   [`Run::of`] can tell when it is well again.
//!
//! Whoever may write in the repository may choose the words, and is nobody here: an `@` calls nobody, and
//! only what people wrote themselves is Markdown of theirs, without its marks. Gitea and Forgejo send the
//! same header with fields of nearly the same names. Pure, bounded by the body.

mod events;
#[cfg(test)]
mod tests;

use serde_json::Value;

use super::{content, markup, posted};

/// One request of GitHub.
#[derive(Debug, Clone)]
pub struct Delivery {
    event: String,
    posted: Value,
}

/// How a workflow ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Which one it is: the same for all runs of a workflow on a branch.
    pub of: String,
    /// Whether it failed; else it ended well.
    pub failed: bool,
}

impl Delivery {
    /// A request with `event` in its header `X-GitHub-Event`; `None` when the body is no JSON object, nor a
    /// form with one.
    #[must_use]
    pub fn read(event: &str, body: &[u8]) -> Option<Self> {
        let posted = posted::object(body)?;
        Some(Self {
            event: event.to_owned(),
            posted,
        })
    }

    /// How the workflow ended that this tells of; `None` for other events, and where it neither failed nor
    /// ended well.
    #[must_use]
    pub fn run(&self) -> Option<Run> {
        if self.event != "workflow_run" || self.text("/action") != "completed" {
            return None;
        }
        let failed = match self.text("/workflow_run/conclusion") {
            "success" => false,
            "failure" | "timed_out" | "startup_failure" => true,
            _ => return None,
        };
        let workflow = self.number("/workflow_run/workflow_id");
        let workflow = workflow.or_else(|| self.number("/workflow/id"));
        let repository = self.text("/repository/full_name");
        let branch = self.text("/workflow_run/head_branch");
        let of = format!("{repository}/{}:{branch}", workflow.unwrap_or_default());
        Some(Run { of, failed })
    }

    /// The message in Markdown, at most `limit` Unicode scalar values; `None` where nothing is to be said.
    /// `failed_before` is whether the [`run`](Self::run) before this one of the same workflow failed.
    #[must_use]
    pub fn words(&self, limit: usize, failed_before: bool) -> Option<String> {
        let words = match self.event.as_str() {
            "push" => self.push(),
            "pull_request" => self.pull_request(),
            "pull_request_review" => self.review(),
            "issues" => self.issue(),
            "issue_comment" => self.comment(),
            "release" => self.release(),
            "workflow_run" => self.workflow(failed_before),
            "deployment_status" => self.deployment(),
            "ping" => self.ping(),
            _ => None,
        }?;
        let accepted = content::accept(&words, usize::MAX).ok()?;
        content::accept(&markup::shortened(&accepted, limit), limit).ok()
    }

    /// The text at a place of the body; empty where there is none.
    fn text(&self, place: &str) -> &str {
        let value = self.posted.pointer(place);
        value.and_then(Value::as_str).unwrap_or_default()
    }

    fn number(&self, place: &str) -> Option<u64> {
        self.posted.pointer(place).and_then(Value::as_u64)
    }

    fn is(&self, place: &str) -> bool {
        self.posted.pointer(place).and_then(Value::as_bool) == Some(true)
    }
}
