//! From a file and the environment to a [`Config`], or to every mistake that is in them.
//!
//! Owns the order of the layers (defaults, file, environment) and the collecting. Each setting
//! is deserialised alone, so that one mistake hides no other. Never touches the environment
//! but in [`environment`]; tests hand in a map. Bounded by the size of the file.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::conflicts::Conflict;
use super::document::Document;
use super::problem::{Place, Problems};
use super::single::{self, Key, Value};
use super::{Config, DEFAULT_CONFIG, fields, unknown};

/// What the name of every setting begins with in the environment.
const PREFIX: &str = "TEAHOUSE__";

/// The variables of this process that are settings, for [`Config::load`].
pub fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value))
        .filter(|(name, _)| name.starts_with(PREFIX))
        .map(|(name, value)| (name, value.to_string_lossy().into_owned()))
        .collect()
}

impl Config {
    /// The configuration of a file (none: the defaults) with the environment laid over it.
    /// `environment` holds variables by name; those that do not begin with `TEAHOUSE__` are
    /// nobody's business here.
    ///
    /// # Errors
    /// Every mistake in both, each with its place and what to do: unknown names, values of the
    /// wrong type or out of range, impossible combinations, a file that cannot be read.
    pub fn load(
        file: Option<&Path>,
        environment: &BTreeMap<String, String>,
    ) -> Result<Config, Problems> {
        let name = file.map(|path| path.display().to_string());
        let mut problems = Problems::new(name.unwrap_or_default());
        let document = match file.map(Document::read) {
            None => Document::default(),
            Some(Ok(document)) => document,
            Some(Err(problem)) => {
                problems.add(Place::File, problem);
                Document::default()
            }
        };
        let (root, broken) = document.parse(&mut problems);
        let mut loader = Loader {
            document: &document,
            broken,
            root,
            environment: environment
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .filter(|(name, _)| name.starts_with(PREFIX))
                .collect(),
            given: BTreeMap::new(),
            wrong: BTreeSet::new(),
            problems,
        };
        let config = Config {
            server: loader.section("server"),
            storage: loader.section("storage"),
            cluster: loader.section("cluster"),
            session: loader.section("session"),
            accounts: loader.section("accounts"),
            site: loader.section("site"),
            chat: loader.section("chat"),
            rooms: loader.section("rooms"),
            uploads: loader.section("uploads"),
            heartbeat: loader.section("heartbeat"),
            limits: loader.section("limits"),
            embed: loader.section("embed"),
            bots: loader.section("bots"),
            hooks: loader.section("hooks"),
            geo: loader.section("geo"),
        };
        loader.check_together(&config);
        loader.report_unknown();
        loader.problems.or(config)
    }
}

/// What is still to be read, and what was found on the way.
struct Loader<'i> {
    document: &'i Document,
    /// Lines with a syntax error; what follows from them is not worth saying.
    broken: BTreeSet<usize>,
    /// The parts of the file that nobody has asked for yet.
    root: DeTable<'i>,
    /// The variables that nobody has asked for yet.
    environment: BTreeMap<&'i str, &'i str>,
    /// Where each setting was given, the winning place.
    given: BTreeMap<(&'static str, &'static str), Place>,
    /// Sections with a wrong value; their combinations say nothing.
    wrong: BTreeSet<&'static str>,
    problems: Problems,
}

impl<'i> Loader<'i> {
    /// One section; what is wrong in it is noted and left at its default.
    fn section<T: DeserializeOwned + Default>(&mut self, section: &'static str) -> T {
        let keys = fields::of::<T>();
        let mut table = DeTable::new();
        for (key, value) in self.take_table(section) {
            if self.problems.is_full() {
                break;
            }
            match keys.iter().find(|name| **name == key.get_ref().as_ref()) {
                Some(name) => self.take_value::<T>(section, name, key, value, &mut table),
                None => {
                    let text = unknown::key(section, keys, key.get_ref());
                    self.note(&key.span(), text);
                }
            }
        }
        for name in keys {
            self.take_variable::<T>(section, name, &mut table);
        }
        single::all(table).unwrap_or_else(|message| {
            self.problems
                .add(Place::Settings, format!("[{section}] {message}"));
            T::default()
        })
    }

    /// The entries of one section of the file.
    fn take_table(&mut self, section: &str) -> Vec<(Key<'i>, Value<'i>)> {
        let Some((key, value)) = self.root.remove_entry(section) else {
            return Vec::new();
        };
        match value.into_inner() {
            DeValue::Table(table) => table.into_iter().collect(),
            _ => {
                self.note(&key.span(), unknown::not_a_section(section));
                Vec::new()
            }
        }
    }

    fn take_value<T: DeserializeOwned>(
        &mut self,
        section: &'static str,
        name: &'static str,
        key: Key<'i>,
        value: Value<'i>,
        table: &mut DeTable<'i>,
    ) {
        match single::check::<T>(&key, &value) {
            Ok(()) => {
                let (line, column) = self.document.position(key.span().start);
                self.given
                    .insert((section, name), Place::Line(line, column));
                table.insert(key, value);
            }
            Err(message) => {
                self.wrong.insert(section);
                let example = example(section, name, &message);
                let example = example.map(|value| format!("{name} = {value}"));
                let text = with_example(format!("[{section}] {name} {message}"), example);
                self.note(&value.span(), text);
            }
        }
    }

    fn take_variable<T: DeserializeOwned>(
        &mut self,
        section: &'static str,
        name: &'static str,
        table: &mut DeTable<'i>,
    ) {
        let variable = variable(section, name);
        let Some(text) = self.environment.remove(variable.as_str()) else {
            return;
        };
        let place = Place::Environment(variable.clone());
        match single::from_text::<T>(name, text) {
            Ok((key, value)) => {
                self.given.insert((section, name), place);
                table.remove(name);
                table.insert(key, value);
            }
            Err(message) => {
                self.wrong.insert(section);
                let example = example(section, name, &message);
                let example =
                    example.map(|value| format!("{variable}={}", value.trim_matches('"')));
                self.problems.add(place, with_example(message, example));
            }
        }
    }

    /// Notes what does not go together, unless something is wrong with it anyhow.
    fn check_together(&mut self, config: &Config) {
        for Conflict { names, text } in config.conflicts() {
            if names
                .iter()
                .any(|(section, _)| self.wrong.contains(section))
            {
                continue;
            }
            let place = names.iter().find_map(|name| self.given.get(name).cloned());
            self.problems.add(place.unwrap_or(Place::Settings), text);
        }
    }

    /// What no section has asked for is not a setting.
    fn report_unknown(&mut self) {
        for (key, value) in std::mem::take(&mut self.root) {
            if self.problems.is_full() {
                break;
            }
            let text = unknown::section(key.get_ref(), value.get_ref().is_table());
            self.note(&key.span(), text);
        }
        for name in std::mem::take(&mut self.environment).into_keys() {
            let all = fields::catalog();
            let all = all
                .iter()
                .flat_map(|(section, keys)| keys.iter().map(|name| variable(section, name)));
            let text = unknown::variable(name, &all.collect::<Vec<_>>());
            self.problems.add(Place::Environment(name.to_owned()), text);
        }
    }

    /// Notes a problem of the file, unless it only follows from a syntax error.
    fn note(&mut self, span: &Range<usize>, text: String) {
        let mut lines = self.document.lines(span);
        if lines.any(|line| self.broken.contains(&line)) {
            return;
        }
        let (line, column) = self.document.position(span.start);
        self.problems.add(Place::Line(line, column), text);
    }
}

fn variable(section: &str, name: &str) -> String {
    format!("{PREFIX}{section}__{name}").to_uppercase()
}

/// A right value to show beside a wrong one: the default, as `config.toml` writes it. None
/// when the message has an example already, or when the default is an empty one.
fn example(section: &str, name: &str, message: &str) -> Option<&'static str> {
    let root = DeTable::parse(DEFAULT_CONFIG).ok()?.into_inner();
    let value: Option<&Spanned<DeValue<'_>>> = root.get(section)?.get_ref().get(name);
    let text = DEFAULT_CONFIG.get(value?.span())?;
    let is_telling = !matches!(text, "\"\"" | "[]") && !message.contains("such as");
    is_telling.then_some(text)
}

fn with_example(text: String, example: Option<String>) -> String {
    match example {
        Some(example) => format!("{text}; for example: {example}"),
        None => text,
    }
}
