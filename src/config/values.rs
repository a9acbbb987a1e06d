//! How one setting's value is read: `deserialize_with` functions for the sections.
//!
//! Owns the wording of what is wrong with a value: every message says what the value must be
//! and shows what it is. Never knows a setting's name or place; `load` adds those. Each
//! function is bounded by the range or length it is given.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use serde::de::{Deserialize, Deserializer, Error};
use toml::Value;

use super::period::Period;
use super::size::Size;
use super::{Durability, Failover, Guests, Makers, Registration, StorageUrl, Uploaders};
use super::{database_url, origin};
use crate::text::cut;

/// The longest list a setting takes: each entry is compared on every connection.
const MAX_LIST: usize = 256;
/// The longest path or address, in bytes; Linux takes no path beyond 4096.
const MAX_PATH: usize = 4096;
/// The longest ending of a file's name, in bytes.
const MAX_ENDING: usize = 20;
/// How much of a wrong value a message repeats, in characters.
const MAX_SHOWN: usize = 60;

/// A whole number from `MIN` to `MAX`.
pub fn whole<'de, D, T, const MIN: u64, const MAX: u64>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<u64>,
{
    let value = Value::deserialize(deserializer)?;
    value
        .as_integer()
        .and_then(|number| u64::try_from(number).ok())
        .filter(|number| (MIN..=MAX).contains(number))
        .and_then(|number| T::try_from(number).ok())
        .ok_or_else(|| wrong(format_args!("a whole number from {MIN} to {MAX}"), &value))
}

/// A length of time from `MIN` to `MAX` milliseconds.
pub fn period<'de, D, const MIN: u64, const MAX: u64>(deserializer: D) -> Result<Period, D::Error>
where
    D: Deserializer<'de>,
{
    let value = Value::deserialize(deserializer)?;
    let period = match &value {
        Value::Integer(seconds) => seconds.to_string().parse().ok(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    period
        .filter(|period: &Period| (MIN..=MAX).contains(&period.as_millis()))
        .ok_or_else(|| {
            let (min, max) = (Period::from_millis(MIN), Period::from_millis(MAX));
            wrong(format_args!("a time from {min} to {max}"), &value)
        })
}

/// A number of bytes from `MIN` to `MAX`.
pub fn size<'de, D, const MIN: u64, const MAX: u64>(deserializer: D) -> Result<Size, D::Error>
where
    D: Deserializer<'de>,
{
    let value = Value::deserialize(deserializer)?;
    let size = match &value {
        Value::Integer(bytes) => bytes.to_string().parse().ok(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    size.filter(|size: &Size| (MIN..=MAX).contains(&size.bytes()))
        .ok_or_else(|| {
            let (min, max) = (Size::new(MIN), Size::new(MAX));
            wrong(format_args!("a size from {min} to {max}"), &value)
        })
}

/// 0, or a number of bytes from `MIN` to `MAX`.
pub fn size_or_none<'de, D, const MIN: u64, const MAX: u64>(
    deserializer: D,
) -> Result<Size, D::Error>
where
    D: Deserializer<'de>,
{
    let value = Value::deserialize(deserializer)?;
    size::<_, 0, MAX>(value.clone())
        .ok()
        .filter(|size| size.bytes() == 0 || size.bytes() >= MIN)
        .ok_or_else(|| {
            let (min, max) = (Size::new(MIN), Size::new(MAX));
            wrong(format_args!("0 or a size from {min} to {max}"), &value)
        })
}

/// A length of time up to `MAX` milliseconds, or `"always"`: [`Period::MAX`].
pub fn window<'de, D, const MAX: u64>(deserializer: D) -> Result<Period, D::Error>
where
    D: Deserializer<'de>,
{
    let value = Value::deserialize(deserializer)?;
    if value.as_str() == Some("always") {
        return Ok(Period::MAX);
    }
    period::<_, 0, MAX>(value.clone()).map_err(|_not_a_time| {
        let max = Period::from_millis(MAX);
        wrong(
            format_args!("\"always\" or a time from 0s to {max}"),
            &value,
        )
    })
}

/// `true` or `false`.
pub fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let value = Value::deserialize(deserializer)?;
    value
        .as_bool()
        .ok_or_else(|| wrong("true or false", &value))
}

/// One line of text, at most `MAX` characters, without control characters.
pub fn line<'de, D: Deserializer<'de>, const MAX: usize>(
    deserializer: D,
) -> Result<String, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let text = text_of(&value)?.trim();
    if text.chars().any(char::is_control) {
        return Err(wrong("one line of plain text", &value));
    }
    let length = text.chars().count();
    if length > MAX {
        let message = format_args!("must have at most {MAX} characters, not {length}");
        return Err(Error::custom(message));
    }
    Ok(text.to_owned())
}

/// An address to listen on, with its port.
pub fn bind<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let form = "an IP address with a port, such as \"0.0.0.0:8080\" or \"[::]:8080\"";
    text_of(&value)?
        .trim()
        .parse()
        .ok()
        .ok_or_else(|| wrong(form, &value))
}

/// A directory that everything is written to.
pub fn directory<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let text = text_of(&value)?;
    if text.trim().is_empty() || !is_path(text) {
        return Err(wrong("the path of a directory", &value));
    }
    Ok(PathBuf::from(text))
}

/// The path of a file, or nothing.
pub fn file<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let text = text_of(&value)?.trim();
    if !is_path(text) {
        return Err(wrong("the path of a file, or \"\"", &value));
    }
    Ok(PathBuf::from(text))
}

/// The path of a place database, or nothing.
pub fn place_database<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let text = text_of(&value)?;
    let path = Path::new(text);
    let is_known = crate::geo::Kind::of(path).is_some() && is_path(text);
    if !text.is_empty() && !is_known {
        let form = "the path of an .xdb or .mmdb file, such as \"/var/lib/teahouse/ip2region.xdb\", or \"\" for none";
        return Err(wrong(form, &value));
    }
    Ok(path.to_owned())
}

/// The public address of the site, normalised, or nothing.
pub fn public_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let text = text_of(&value)?.trim();
    if text.is_empty() {
        return Ok(String::new());
    }
    let form = "a web address without a path, such as \"https://chat.example.org\", or \"\"";
    origin::normal_web(text).ok_or_else(|| wrong(form, &value))
}

/// Where messages are kept; the text is checked and kept as it was written.
pub fn storage_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let text = text_of(&value)?.trim();
    let form = "\"sqlite:PATH\" (such as \"sqlite:/var/lib/teahouse/room.db\"), \"postgres://USER@HOST/DATABASE\", \"memory:\", \
                or \"\" for a file in the data directory";
    if StorageUrl::parse(text).is_none() || !is_path(text) {
        return Err(match text.starts_with("postgres") {
            true => D::Error::custom(
                database_url::read(text)
                    .err()
                    .unwrap_or("must have fewer characters"),
            ),
            false => wrong(form, &value),
        });
    }
    Ok(text.to_owned())
}

/// Networks, or single addresses as networks of one.
pub fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let form = "addresses or networks, such as [\"127.0.0.1\", \"10.0.0.0/8\"]";
    list(deserializer, form, |text| {
        let network = text.parse::<IpNet>().map(|network| network.trunc());
        network
            .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
            .ok()
    })
}

/// Origins of other sites, normalised.
pub fn origins<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let form = "sites as scheme://host[:port], such as [\"https://blog.example.org\"]";
    list(deserializer, form, origin::normal)
}

/// Endings of file names, without their dots.
pub fn endings<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let form = "endings of file names, such as [\"exe\", \"apk\"]";
    list(deserializer, form, |text| {
        let ending = text.trim_start_matches('.').to_lowercase();
        let is_one = !ending.is_empty() && ending.len() <= MAX_ENDING;
        (is_one && ending.chars().all(char::is_alphanumeric)).then_some(ending)
    })
}

impl<'de> Deserialize<'de> for Uploaders {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Uploaders, D::Error> {
        let value = Value::deserialize(deserializer)?;
        match value.as_str() {
            Some("everybody") => Ok(Uploaders::Everybody),
            Some("members") => Ok(Uploaders::Members),
            Some("admins") => Ok(Uploaders::Admins),
            Some("nobody") => Ok(Uploaders::Nobody),
            _ => Err(wrong(
                "\"everybody\", \"members\", \"admins\" or \"nobody\"",
                &value,
            )),
        }
    }
}

impl<'de> Deserialize<'de> for Guests {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Guests, D::Error> {
        let value = Value::deserialize(deserializer)?;
        match value.as_str() {
            Some("write") => Ok(Guests::Write),
            Some("read") => Ok(Guests::Read),
            Some("off") => Ok(Guests::Off),
            _ => Err(wrong("\"write\", \"read\" or \"off\"", &value)),
        }
    }
}

impl<'de> Deserialize<'de> for Registration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Registration, D::Error> {
        let value = Value::deserialize(deserializer)?;
        match value.as_str() {
            Some("open") => Ok(Registration::Open),
            Some("invited") => Ok(Registration::Invited),
            Some("closed") => Ok(Registration::Closed),
            _ => Err(wrong("\"open\", \"invited\" or \"closed\"", &value)),
        }
    }
}

impl<'de> Deserialize<'de> for Makers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Makers, D::Error> {
        let value = Value::deserialize(deserializer)?;
        match value.as_str() {
            Some("members") => Ok(Makers::Members),
            Some("admins") => Ok(Makers::Admins),
            Some("nobody") => Ok(Makers::Nobody),
            _ => Err(wrong("\"members\", \"admins\" or \"nobody\"", &value)),
        }
    }
}

impl<'de> Deserialize<'de> for Failover {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Failover, D::Error> {
        let value = Value::deserialize(deserializer)?;
        match value.as_str() {
            Some("lossy") => Ok(Failover::Lossy),
            Some("lossless") => Ok(Failover::Lossless),
            _ => Err(wrong("\"lossy\" or \"lossless\"", &value)),
        }
    }
}

impl<'de> Deserialize<'de> for Durability {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Durability, D::Error> {
        let value = Value::deserialize(deserializer)?;
        match value.as_str() {
            Some("full") => Ok(Durability::Full),
            Some("relaxed") => Ok(Durability::Relaxed),
            _ => Err(wrong("\"full\" or \"relaxed\"", &value)),
        }
    }
}

/// A list of text in which `read` understands every entry; all others are shown.
pub fn list<'de, D, T>(
    deserializer: D,
    form: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
{
    let value = Value::deserialize(deserializer)?;
    let Some(entries) = value.as_array() else {
        return Err(wrong(format_args!("a list of {form}"), &value));
    };
    if entries.len() > MAX_LIST {
        let message = format_args!(
            "must have at most {MAX_LIST} entries, not {}",
            entries.len()
        );
        return Err(Error::custom(message));
    }
    let mut taken = Vec::with_capacity(entries.len());
    let mut refused = Vec::new();
    for entry in entries {
        match entry.as_str().map(str::trim).and_then(&read) {
            Some(item) => taken.push(item),
            None => refused.push(entry.clone()),
        }
    }
    match refused.as_slice() {
        [] => Ok(taken),
        [one] => Err(wrong(format_args!("a list of {form}"), one)),
        _ => Err(wrong(
            format_args!("a list of {form}"),
            &Value::Array(refused),
        )),
    }
}

pub(super) fn text_of<E: Error>(value: &Value) -> Result<&str, E> {
    value.as_str().ok_or_else(|| wrong("text in quotes", value))
}

pub(super) fn is_path(text: &str) -> bool {
    text.len() <= MAX_PATH && !text.contains('\0')
}

/// "must be FORM, not VALUE", with a long value clipped.
pub(super) fn wrong<E: Error>(form: impl std::fmt::Display, value: &Value) -> E {
    let shown = match value {
        Value::String(text) => format!("{text:?}"),
        // A table may span lines, and a problem has one.
        other => other.to_string().replace(['\n', '\r'], " "),
    };
    let mut clipped = cut::to(&shown, MAX_SHOWN).to_owned();
    if clipped.len() < shown.len() {
        clipped.push('…');
    }
    Error::custom(format_args!("must be {form}, not {clipped}"))
}
