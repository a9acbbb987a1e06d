//! The location that an IP address belongs to, as Chinese sites show it beside a name (IP 属地).
//!
//! Owns the database file and the answer for addresses without a location. Never asks the
//! network, never keeps an address. Bounded: an `.xdb` costs half a megabyte of memory and a
//! few small reads for an address; an `.mmdb` is held in memory whole.
//!
//! `xdb` reads ip2region's files, `mmdb` MaxMind's, `naming` is the rule of what is shown.

mod mmdb;
mod naming;
#[cfg(test)]
mod tests;
mod xdb;

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use mmdb::Mmdb;
use xdb::Xdb;

pub use crate::text::catalog::PRIVATE_PLACE;

/// The location database that is configured, if any.
#[derive(Debug)]
pub struct Geo {
    source: Source,
}

#[derive(Debug)]
enum Source {
    None,
    Xdb(Xdb),
    Mmdb(Mmdb),
}

/// The file formats that are understood, told by the extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The format of ip2region, `.xdb`.
    Xdb,
    /// The format of MaxMind DB, `.mmdb`.
    Mmdb,
}

impl Kind {
    /// The format of a file by its name; upper and lower case are the same.
    pub fn of(path: &Path) -> Option<Kind> {
        let extension = path.extension()?.to_str()?;
        if extension.eq_ignore_ascii_case("xdb") {
            Some(Kind::Xdb)
        } else if extension.eq_ignore_ascii_case("mmdb") {
            Some(Kind::Mmdb)
        } else {
            None
        }
    }
}

/// Why a location database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum GeoError {
    /// The name says no known format.
    #[error("{}: a place database is an .xdb or an .mmdb file", path.display())]
    UnknownKind {
        /// The file's path.
        path: PathBuf,
    },
    /// The file cannot be opened or read.
    #[error("{}: cannot be read; check [geo] database", path.display())]
    Unreadable {
        /// The file's path.
        path: PathBuf,
        /// The error of the system.
        source: std::io::Error,
    },
    /// The file is not what its name says, or broken.
    #[error("{}: {what}; download the file again", path.display())]
    Broken {
        /// The file's path.
        path: PathBuf,
        /// What is wrong with the file.
        what: String,
    },
}

impl Geo {
    /// Opens a database; the empty path means none.
    ///
    /// # Errors
    /// When the file is of no known format, cannot be read, or is broken.
    pub fn open(path: &Path) -> Result<Geo, GeoError> {
        let source = match Kind::of(path) {
            _ if path.as_os_str().is_empty() => Source::None,
            Some(Kind::Xdb) => Source::Xdb(Xdb::open(path)?),
            Some(Kind::Mmdb) => Source::Mmdb(Mmdb::open(path)?),
            None => {
                let path = path.to_owned();
                return Err(GeoError::UnknownKind { path });
            }
        };
        Ok(Geo { source })
    }

    /// The location of an address: a Chinese province, elsewhere the country, [`PRIVATE_PLACE`] for
    /// addresses without a location, `""` when it is not known. An IPv4 address in IPv6 spelling
    /// is the same as itself.
    pub fn place(&self, address: IpAddr) -> String {
        let address = address.to_canonical();
        if is_private(address) {
            return PRIVATE_PLACE.to_owned();
        }
        match &self.source {
            Source::None => String::new(),
            Source::Xdb(database) => database.place(address),
            Source::Mmdb(database) => database.place(address),
        }
    }
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            v4.is_private() || v4.is_loopback() || v4.is_link_local() || is_carrier_grade(v4)
        }
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// 100.64.0.0/10, shared by the customers of one provider (RFC 6598).
fn is_carrier_grade(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    first == 100 && second & 0b1100_0000 == 64
}
