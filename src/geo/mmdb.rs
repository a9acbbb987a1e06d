//! Reads MaxMind's files (`.mmdb`) with country or city records.
//!
//! Owns the file's bytes. Never shows a city. Bounded by [`MAX_FILE`]: the file is held in
//! memory whole, since mapping it would need unsafe code.

use std::fs::File;
use std::io::Read as _;
use std::net::IpAddr;
use std::path::Path;

use maxminddb::Reader;
use maxminddb::geoip2::{City, Names};

use super::{GeoError, naming};

/// Largest file in bytes; MaxMind's largest city file has less than 200 MB.
const MAX_FILE: u64 = 512 * 1024 * 1024;

/// An open MaxMind DB file.
#[derive(Debug)]
pub struct Mmdb {
    reader: Reader<Vec<u8>>,
}

impl Mmdb {
    /// Reads the file into memory and checks that it has places.
    ///
    /// # Errors
    /// When it cannot be read, is not a MaxMind file, or has no countries.
    pub fn open(path: &Path) -> Result<Mmdb, GeoError> {
        let unreadable = |source| GeoError::Unreadable {
            path: path.to_owned(),
            source,
        };
        let broken = |what: String| GeoError::Broken {
            path: path.to_owned(),
            what,
        };
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(unreadable)?;
        let limited = file.take(MAX_FILE + 1).read_to_end(&mut bytes);
        if limited.map_err(unreadable)? as u64 > MAX_FILE {
            return Err(broken("too large for a place database".to_owned()));
        }
        let reader = Reader::from_source(bytes).map_err(|error| broken(error.to_string()))?;
        let kind = &reader.metadata().database_type;
        if !["City", "Country", "Enterprise"]
            .iter()
            .any(|known| kind.contains(known))
        {
            let what = format!("a database of kind {kind:?}, which knows no countries");
            return Err(broken(what));
        }
        Ok(Mmdb { reader })
    }

    /// The location of an address; empty when the file does not know it or is broken there.
    pub fn place(&self, address: IpAddr) -> String {
        let Ok(found) = self.reader.lookup(address) else {
            return String::new();
        };
        let Ok(Some(record)) = found.decode::<City<'_>>() else {
            return String::new();
        };
        let country = match record.country.iso_code {
            // The rule of naming is about Chinese names, whatever languages the file has.
            Some("CN") => "中国",
            Some("HK") => "香港",
            Some("MO") => "澳门",
            Some("TW") => "台湾",
            _ => name(&record.country.names),
        };
        let province = record.subdivisions.first();
        naming::place(
            country,
            province.map_or("", |province| name(&province.names)),
        )
    }
}

/// The Chinese name, else the English one.
fn name<'a>(names: &Names<'a>) -> &'a str {
    names
        .simplified_chinese
        .or(names.english)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use crate::geo::Geo;

    /// A control byte of MaxMind DB's data section, for sizes under 285.
    fn control(kind: u8, size: usize) -> Vec<u8> {
        let (size, extra) = match size {
            0..29 => (size as u8, None),
            _ => (29, Some((size - 29) as u8)),
        };
        let mut bytes = match kind {
            0..8 => vec![kind << 5 | size],
            _ => vec![size, kind - 7],
        };
        bytes.extend(extra);
        bytes
    }

    fn text(value: &str) -> Vec<u8> {
        [control(2, value.len()), value.as_bytes().to_vec()].concat()
    }

    fn map(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let mut bytes = control(7, entries.len());
        for (key, value) in entries {
            bytes.extend(text(key));
            bytes.extend(value);
        }
        bytes
    }

    fn number(kind: u8, value: u8) -> Vec<u8> {
        [control(kind, 1), vec![value]].concat()
    }

    fn place(iso: &str, names: &[(&str, &str)]) -> Vec<u8> {
        let names: Vec<_> = names
            .iter()
            .map(|(lang, name)| (*lang, text(name)))
            .collect();
        map(&[("iso_code", text(iso)), ("names", map(&names))])
    }

    /// A database of one node: addresses below 128.0.0.0 have the first record, others the
    /// second.
    fn database(kind: &str, records: [Vec<u8>; 2]) -> Vec<u8> {
        let [first, second] = records;
        let pointers = [1 + 16, 1 + 16 + first.len() as u32];
        let mut file = Vec::new();
        for pointer in pointers {
            file.extend(&pointer.to_be_bytes()[1..]);
        }
        file.extend([0; 16]);
        file.extend(first);
        file.extend(second);
        file.extend(b"\xab\xcd\xefMaxMind.com");
        file.extend(map(&[
            ("binary_format_major_version", number(5, 2)),
            ("binary_format_minor_version", number(5, 0)),
            ("build_epoch", number(9, 1)),
            ("database_type", text(kind)),
            ("description", map(&[])),
            ("ip_version", number(5, 4)),
            ("languages", control(11, 0)),
            ("node_count", number(6, 1)),
            ("record_size", number(5, 24)),
        ]));
        file
    }

    fn open(bytes: &[u8]) -> Result<Geo, String> {
        let mut file = tempfile::Builder::new().suffix(".mmdb").tempfile().unwrap();
        file.write_all(bytes).unwrap();
        Geo::open(file.path()).map_err(|error| {
            error
                .to_string()
                .replace(file.path().to_str().unwrap(), "f")
        })
    }

    fn places(records: [Vec<u8>; 2]) -> [String; 2] {
        let geo = open(&database("GeoLite2-City", records)).unwrap();
        ["1.2.3.4", "200.1.2.3"].map(|address| geo.place(address.parse().unwrap()))
    }

    #[test]
    fn the_chinese_name_comes_first_and_china_has_provinces() {
        let china = place("CN", &[("en", "China"), ("zh-CN", "中国")]);
        let province = place("ZJ", &[("en", "Zhejiang"), ("zh-CN", "浙江省")]);
        let provinces = [control(11, 1), province].concat();
        let france = place("FR", &[("en", "France"), ("zh-CN", "法国")]);
        let records = [
            map(&[("country", china), ("subdivisions", provinces.clone())]),
            map(&[("country", france), ("subdivisions", provinces)]),
        ];
        assert_eq!(places(records), ["浙江", "法国"]);
    }

    #[test]
    fn english_stands_in_and_special_regions_are_written_with_the_country() {
        let iceland = place("IS", &[("en", "Iceland")]);
        let taiwan = place("TW", &[("en", "Taiwan")]);
        let records = [map(&[("country", iceland)]), map(&[("country", taiwan)])];
        assert_eq!(places(records), ["Iceland", "中国台湾"]);
    }

    #[test]
    fn records_of_another_shape_are_no_place() {
        let records = [map(&[("country", text("FR"))]), text("nonsense")];
        assert_eq!(places(records), ["", ""]);
        let geo = open(&database("GeoLite2-Country", [map(&[]), map(&[])])).unwrap();
        assert_eq!(geo.place("2001:db8::1".parse().unwrap()), "");
        assert_eq!(geo.place("1.2.3.4".parse().unwrap()), "");
    }

    #[test]
    fn a_file_without_countries_or_that_is_no_database_is_refused() {
        let error = open(&database("GeoLite2-ASN", [map(&[]), map(&[])])).unwrap_err();
        assert_eq!(
            error,
            "f: a database of kind \"GeoLite2-ASN\", which knows no countries; download the file again"
        );
        let error = open(b"nonsense").unwrap_err();
        assert!(
            error.starts_with("f: ") && error.ends_with("; download the file again"),
            "{error}"
        );
    }
}
