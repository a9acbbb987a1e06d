//! One message for each event that is worth one.

use serde_json::Value;

use super::Delivery;
use crate::text::{cut, markdown, markup, posted};

/// Commits of a push that are listed.
const COMMITS: usize = 10;

/// Characters that are shown of what somebody wrote.
const EXCERPT: usize = 400;

/// Lines of it.
const EXCERPT_LINES: usize = 8;

/// Characters of a commit that name it.
const SHORT_HASH: usize = 7;

impl Delivery {
    pub(super) fn push(&self) -> Option<String> {
        let reference = self.text("/ref");
        let (kind, name) = match reference.strip_prefix("refs/tags/") {
            Some(tag) => ("tag", tag),
            None => ("branch", reference.trim_start_matches("refs/heads/")),
        };
        let name = markup::code(name);
        let who = match (self.text("/sender/login"), self.text("/pusher/name")) {
            ("", pusher) => quiet(pusher),
            _ => self.sender(),
        };
        let commits = posted::list(&self.posted, "commits");
        let compared = match (self.text("/compare"), self.text("/compare_url")) {
            ("", address) | (address, _) => address,
        };
        let did = match commits.len() {
            _ if self.is("/deleted") => format!("deleted {kind} {name}"),
            _ if kind == "tag" => format!("pushed tag {name}"),
            0 if self.is("/forced") => format!("force-pushed {name}"),
            0 if self.is("/created") => format!("created branch {name}"),
            0 => return None,
            count => {
                let words = format!("{count} commit{}", if count == 1 { "" } else { "s" });
                let forced = if self.is("/forced") { "force-" } else { "" };
                format!(
                    "{forced}pushed {} to {name}",
                    markup::link(&words, compared)
                )
            }
        };
        let mut lines = vec![format!("{} {who} {did}", self.place())];
        if kind == "branch" {
            lines.extend(commits.iter().take(COMMITS).map(commit));
        }
        let more = commits.len().saturating_sub(COMMITS);
        if more > 0 && kind == "branch" {
            lines.push(format!("- and {more} more"));
        }
        Some(lines.join("\n"))
    }

    pub(super) fn pull_request(&self) -> Option<String> {
        let did = match self.text("/action") {
            "opened" if self.is("/pull_request/draft") => "opened draft pull request",
            "opened" => "opened pull request",
            "closed" if self.is("/pull_request/merged") => "merged pull request",
            "closed" => "closed pull request",
            "reopened" => "reopened pull request",
            "ready_for_review" => "asks for review of pull request",
            _ => return None,
        };
        let body = match self.text("/action") {
            "opened" => self.text("/pull_request/body"),
            _ => "",
        };
        Some(self.said(did, &self.titled("/pull_request"), body))
    }

    pub(super) fn review(&self) -> Option<String> {
        if self.text("/action") != "submitted" {
            return None;
        }
        let body = self.text("/review/body");
        // Gitea and older payloads write the state in capitals.
        let did = match self.text("/review/state").to_ascii_lowercase().as_str() {
            "approved" => "approved",
            "changes_requested" => "asks for changes of",
            "commented" if !body.trim().is_empty() => "commented on",
            _ => return None,
        };
        let title = self.titled_at("/pull_request", self.text("/review/html_url"));
        Some(self.said(&format!("{did} pull request"), &title, body))
    }

    pub(super) fn issue(&self) -> Option<String> {
        let (did, reason, body) = match self.text("/action") {
            "opened" => ("opened issue", "", self.text("/issue/body")),
            "closed" => match self.text("/issue/state_reason") {
                "not_planned" => ("closed issue", " as not planned", ""),
                "duplicate" => ("closed issue", " as a duplicate", ""),
                _ => ("closed issue", "", ""),
            },
            "reopened" => ("reopened issue", "", ""),
            _ => return None,
        };
        let issue = self.titled("/issue") + reason;
        Some(self.said(did, &issue, body))
    }

    pub(super) fn comment(&self) -> Option<String> {
        if self.text("/action") != "created" {
            return None;
        }
        let of_request = self.posted.pointer("/issue/pull_request");
        let did = match of_request.is_some_and(|value| !value.is_null()) {
            true => "commented on pull request",
            false => "commented on issue",
        };
        let title = self.titled_at("/issue", self.text("/comment/html_url"));
        Some(self.said(did, &title, self.text("/comment/body")))
    }

    pub(super) fn release(&self) -> Option<String> {
        if self.text("/action") != "published" {
            return None;
        }
        let did = match self.is("/release/prerelease") {
            true => "published pre-release",
            false => "published release",
        };
        let tag = self.text("/release/tag_name");
        let name = match self.text("/release/name") {
            "" => tag,
            name => name,
        };
        let link = linked(name, self.text("/release/html_url"));
        Some(self.said(did, &link, self.text("/release/body")))
    }

    pub(super) fn workflow(&self, failed_before: bool) -> Option<String> {
        let run = self.run()?;
        let again = self.number("/workflow_run/run_attempt") > Some(1);
        let (sign, became) = match run.failed {
            true => ("🔴", "failed"),
            false if failed_before || again => ("🟢", "is well again"),
            false => return None,
        };
        let name = match self.text("/workflow_run/name") {
            "" => self.text("/workflow/name"),
            name => name,
        };
        let link = linked(name, self.text("/workflow_run/html_url"));
        let branch = markup::code(self.text("/workflow_run/head_branch"));
        let mut lines = vec![format!(
            "{sign} {} {link} {became} on {branch}",
            self.place()
        )];
        let message = first_line(self.text("/workflow_run/head_commit/message"));
        if !message.is_empty() {
            let author = quiet(self.text("/workflow_run/head_commit/author/name"));
            lines.push(format!("{} — {author}", quiet(message)));
        }
        Some(lines.join("\n"))
    }

    pub(super) fn deployment(&self) -> Option<String> {
        let (sign, became) = match self.text("/deployment_status/state") {
            "success" => ("🟢", "is deployed"),
            "failure" | "error" => ("🔴", "was not deployed"),
            _ => return None,
        };
        let reference = markup::code(self.text("/deployment/ref"));
        let environment = match self.text("/deployment_status/environment") {
            "" => self.text("/deployment/environment"),
            environment => environment,
        };
        let addresses = ["environment_url", "log_url", "target_url"];
        let addresses = addresses.map(|field| self.text(&format!("/deployment_status/{field}")));
        let address = addresses.into_iter().find(|address| !address.is_empty());
        let to = linked(environment, address.unwrap_or_default());
        let place = self.place();
        let line = format!("{sign} {place} {reference} {became} to {to}");
        Some(match self.text("/deployment_status/description") {
            "" => line,
            words => format!("{line}\n{}", quiet(words)),
        })
    }

    pub(super) fn ping(&self) -> Option<String> {
        let from = match (self.place(), self.text("/organization/login")) {
            (place, "") if place.is_empty() => "GitHub".to_owned(),
            (place, organization) if place.is_empty() => quiet(organization),
            (place, _) => place,
        };
        Some(format!("News of {from} will be told here."))
    }

    /// The repository.
    fn place(&self) -> String {
        let name = self.text("/repository/full_name");
        match linked(name, self.text("/repository/html_url")) {
            link if link.is_empty() => link,
            link => format!("**{link}**"),
        }
    }

    fn sender(&self) -> String {
        linked(self.text("/sender/login"), self.text("/sender/html_url"))
    }

    /// An issue or a pull request by its number and title.
    fn titled(&self, what: &str) -> String {
        self.titled_at(what, "")
    }

    /// The same with a link to a part of it.
    fn titled_at(&self, what: &str, part: &str) -> String {
        let number = self.number(&format!("{what}/number"));
        let title = self.text(&format!("{what}/title"));
        let words = format!("#{} {title}", number.unwrap_or_default());
        let whole = self.text(&format!("{what}/html_url"));
        linked(&words, if part.is_empty() { whole } else { part })
    }

    /// Who did what, and the beginning of what they wrote.
    fn said(&self, did: &str, to: &str, body: &str) -> String {
        let line = format!("{} {} {did} {to}", self.place(), self.sender());
        match excerpt(body) {
            words if words.is_empty() => line,
            words => format!("{line}\n{}", markup::quote(&words)),
        }
    }
}

fn commit(commit: &Value) -> String {
    let text = |place| {
        let value = commit.pointer(place).and_then(Value::as_str);
        value.unwrap_or_default()
    };
    let hash = cut::to(text("/id"), SHORT_HASH);
    let author = quiet(text("/author/name"));
    let message = quiet(first_line(text("/message")));
    format!(
        "- {} {message} — {author}",
        markup::link(hash, text("/url"))
    )
}

fn first_line(words: &str) -> &str {
    words.trim_start().lines().next().unwrap_or_default()
}

/// A link whose words call nobody, even where it is none.
fn linked(words: &str, address: &str) -> String {
    match markup::target(address) {
        Some(_) => markup::link(words, address),
        None => quiet(words),
    }
}

/// Words on one line that look as they are written, but for code around each `@name`: code calls nobody.
fn quiet(words: &str) -> String {
    let mut out = String::new();
    let mut rest = words;
    while let Some((before, from)) = rest
        .find(['@', '＠'])
        .and_then(|at| rest.split_at_checked(at))
    {
        let sign = from.chars().next().map_or(0, char::len_utf8);
        let is_mail = before.ends_with(|c: char| c.is_ascii_alphanumeric());
        let name = from.get(sign..).unwrap_or_default();
        let ends = name.find(|c: char| c.is_whitespace() || matches!(c, '@' | '＠'));
        let length = match ends {
            _ if is_mail => sign,
            ends => sign + ends.unwrap_or(name.len()),
        };
        let (name, after) = from.split_at_checked(length).unwrap_or((from, ""));
        spaced(before, &mut out);
        match is_mail {
            true => out.push_str(name),
            false => out.push_str(&markup::code(name)),
        }
        rest = after;
    }
    spaced(rest, &mut out);
    out.trim().to_owned()
}

/// Appends words with one blank for those at each end.
fn spaced(words: &str, out: &mut String) {
    if words.starts_with(char::is_whitespace) {
        out.push(' ');
    }
    out.push_str(&markup::inline(words));
    if words.ends_with(char::is_whitespace) {
        out.push(' ');
    }
}

/// The beginning of what somebody wrote in Markdown, as text.
fn excerpt(written: &str) -> String {
    let seen = without_comments(written);
    // The marks of Markdown take room, too, but seldom more than the words.
    let near = cut::to(&seen, 4 * EXCERPT);
    let plain = markdown::plain(near);
    let words = markup::shortened(plain.trim(), EXCERPT);
    let lines = words.lines().filter(|line| !line.trim().is_empty());
    let mut lines: Vec<String> = lines.map(quiet).collect();
    if lines.len() > EXCERPT_LINES {
        lines.truncate(EXCERPT_LINES);
        lines.push("…".to_owned());
    }
    lines.join("\n")
}

/// Without what templates say to those who write only.
fn without_comments(written: &str) -> String {
    let mut out = String::new();
    let mut rest = written;
    while let Some((before, from)) = rest.split_once("<!--") {
        out.push_str(before);
        rest = from.split_once("-->").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}
