//! What is shown for an address, with databases that are built here, whole and broken.

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

use super::{Geo, PRIVATE_PLACE};

fn place(address: &str) -> String {
    let geo = Geo::open(Path::new("")).unwrap();
    geo.place(address.parse().unwrap())
}

#[test]
fn addresses_of_local_networks_are_named_without_a_database() {
    for address in [
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "127.0.0.77",
        "169.254.1.1",
        "100.64.0.1",
        "100.127.255.255",
        "::1",
        "fe80::1",
        "febf::1",
        "fc00::1",
        "fdff::1",
        "::ffff:10.0.0.1",
        "::ffff:100.64.0.1",
    ] {
        assert_eq!(place(address), PRIVATE_PLACE, "{address}");
    }
}

#[test]
fn other_addresses_have_no_place_without_a_database() {
    for address in [
        "8.8.8.8",
        "172.32.0.1",
        "100.63.255.255",
        "100.128.0.1",
        "2001:db8::1",
        "fec0::1",
        "::ffff:8.8.8.8",
        "::",
        "0.0.0.0",
    ] {
        assert_eq!(place(address), "", "{address}");
    }
}

#[test]
fn a_file_of_another_kind_or_a_missing_one_is_an_error_that_says_so() {
    let error = Geo::open(Path::new("places.csv")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "places.csv: a place database is an .xdb or an .mmdb file"
    );
    for name in ["/nowhere/a.xdb", "/nowhere/a.MMDB"] {
        let error = Geo::open(Path::new(name)).unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("{name}: cannot be read; ")),
            "{error}"
        );
    }
}

/// First and last address and the region's text.
type Segment<'a> = (IpAddr, IpAddr, &'a str);

const VECTOR_END: usize = 256 + 256 * 256 * 8;

fn v4(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// Bytes of an address as a segment has them.
fn stored(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(v4) => v4.to_bits().to_le_bytes().to_vec(),
        IpAddr::V6(v6) => v6.octets().to_vec(),
    }
}

/// An xdb file. Each segment must lie within one cell (the first two bytes).
fn xdb(version: u16, ip_version: u16, segments: &[Segment<'_>]) -> Vec<u8> {
    let mut file = vec![0; VECTOR_END];
    let places: Vec<u32> = segments
        .iter()
        .map(|(_, _, text)| {
            let place = file.len() as u32;
            file.extend(text.as_bytes());
            place
        })
        .collect();
    let first = file.len() as u32;
    for ((start, end, text), place) in segments.iter().zip(places) {
        let at = file.len() as u32;
        file.extend(stored(*start));
        file.extend(stored(*end));
        file.extend((text.len() as u16).to_le_bytes());
        file.extend(place.to_le_bytes());
        let prefix = match start {
            IpAddr::V4(v4) => v4.octets()[..2].to_vec(),
            IpAddr::V6(v6) => v6.octets()[..2].to_vec(),
        };
        let cell = 256 + (usize::from(prefix[0]) * 256 + usize::from(prefix[1])) * 8;
        if file[cell..cell + 4] == [0; 4] {
            file[cell..cell + 4].copy_from_slice(&at.to_le_bytes());
        }
        let end = file.len() as u32;
        file[cell + 4..cell + 8].copy_from_slice(&end.to_le_bytes());
    }
    let size = if ip_version == 6 { 38 } else { 14 };
    let last = file.len() as u32 - size;
    file[0..2].copy_from_slice(&version.to_le_bytes());
    file[2..4].copy_from_slice(&1_u16.to_le_bytes());
    file[8..12].copy_from_slice(&first.to_le_bytes());
    file[12..16].copy_from_slice(&last.to_le_bytes());
    if version == 3 {
        file[16..18].copy_from_slice(&ip_version.to_le_bytes());
        file[18..20].copy_from_slice(&4_u16.to_le_bytes());
    }
    file
}

fn open(bytes: &[u8], extension: &str) -> Result<Geo, String> {
    let mut file = tempfile::Builder::new()
        .suffix(extension)
        .tempfile()
        .unwrap();
    file.write_all(bytes).unwrap();
    Geo::open(file.path()).map_err(|error| {
        error
            .to_string()
            .replace(file.path().to_str().unwrap(), "f")
    })
}

fn assert_places(geo: &Geo, expected: &[(&str, &str)]) {
    for (address, place) in expected {
        assert_eq!(geo.place(address.parse().unwrap()), *place, "{address}");
    }
}

fn old_v4() -> Vec<u8> {
    let segments = [
        (v4("1.2.0.0"), v4("1.2.3.255"), "中国|0|浙江省|杭州市|电信"),
        (v4("1.2.4.0"), v4("1.2.4.8"), "中国|0|北京|北京市|0"),
        (v4("1.2.5.0"), v4("1.2.255.255"), "中国|0|香港|0|0"),
        (v4("8.8.8.0"), v4("8.8.8.255"), "美国|0|加利福尼亚|0|Level3"),
        (v4("9.9.9.9"), v4("9.9.9.9"), "0|0|0|内网IP|内网IP"),
        (v4("255.255.0.0"), v4("255.255.255.255"), "中国|0|0|0|0"),
    ];
    xdb(2, 0, &segments)
}

#[test]
fn a_version_2_file_gives_the_province_in_china_and_the_country_elsewhere() {
    let geo = open(&old_v4(), ".xdb").unwrap();
    assert_places(
        &geo,
        &[
            ("1.2.0.0", "浙江"),
            ("1.2.3.255", "浙江"),
            ("::ffff:1.2.3.4", "浙江"),
            ("1.2.4.8", "北京"),
            ("1.2.4.9", ""),
            ("1.2.200.1", "中国香港"),
            ("8.8.8.8", "美国"),
            ("8.8.9.0", ""),
            ("9.9.9.9", ""),
            ("7.7.7.7", ""),
            ("255.255.255.255", "中国"),
            ("192.168.0.1", PRIVATE_PLACE),
            ("2001:db8::1", ""),
        ],
    );
}

#[test]
fn a_version_3_file_for_ipv4_has_the_province_in_its_second_field() {
    let segments = [
        (
            v4("1.2.0.0"),
            v4("1.2.3.255"),
            "中国|广西壮族自治区|南宁市|电信|CN",
        ),
        (v4("8.8.8.0"), v4("8.8.8.255"), "美国|加利福尼亚|0|0|US"),
    ];
    let geo = open(&xdb(3, 4, &segments), ".xdb").unwrap();
    assert_places(
        &geo,
        &[
            ("1.2.3.4", "广西"),
            ("8.8.8.8", "美国"),
            ("2001:db8::1", ""),
        ],
    );
}

#[test]
fn a_version_3_file_for_ipv6_knows_ipv6_only() {
    let v6 = |text: &str| IpAddr::V6(text.parse().unwrap());
    let segments = [
        (
            v6("2001:db8::"),
            v6("2001:db8:0:ffff:ffff:ffff:ffff:ffff"),
            "日本|东京都|0|0|JP",
        ),
        (
            v6("2408:8000::"),
            v6("2408:80ff:ffff:ffff:ffff:ffff:ffff:ffff"),
            "中国|内蒙古自治区|0|联通|CN",
        ),
    ];
    let geo = open(&xdb(3, 6, &segments), ".xdb").unwrap();
    assert_places(
        &geo,
        &[
            ("2001:db8::1", "日本"),
            ("2001:db8:1::", ""),
            ("2408:8000::", "内蒙古"),
            ("2408:80ff:ffff:ffff:ffff:ffff:ffff:ffff", "内蒙古"),
            ("2408:8100::", ""),
            ("fe80::1", PRIVATE_PLACE),
            ("8.8.8.8", ""),
            ("::ffff:8.8.8.8", ""),
        ],
    );
}

#[test]
fn a_crowded_cell_is_searched_in_full() {
    let regions = ["中国|山东省|0|0|CN", "法国|0|0|0|FR", "巴西|0|0|0|BR"];
    let address = |index: u128, host: u128| {
        let prefix = 0x2409_8000_u128 << 96;
        IpAddr::V6(Ipv6Addr::from_bits(prefix | index << 64 | host))
    };
    let segments: Vec<Segment<'_>> = (0..3_000)
        .map(|index| {
            (
                address(index, 0),
                address(index, 99),
                regions[index as usize % 3],
            )
        })
        .collect();
    let geo = open(&xdb(3, 6, &segments), ".xdb").unwrap();
    for index in 0..3_000 {
        let expected = ["山东", "法国", "巴西"][index as usize % 3];
        assert_eq!(geo.place(address(index, 0)), expected);
        assert_eq!(geo.place(address(index, 99)), expected);
        assert_eq!(geo.place(address(index, 100)), "");
    }
    assert_eq!(geo.place(address(3_000, 0)), "");
}

#[test]
fn files_that_are_no_xdb_or_are_cut_off_are_refused_when_opened() {
    let good = old_v4();
    let changed = |at: usize, bytes: &[u8]| {
        let mut file = good.clone();
        file[at..at + bytes.len()].copy_from_slice(bytes);
        open(&file, ".xdb").unwrap_err()
    };
    let download = "download the file again";
    assert_eq!(
        open(b"", ".xdb").unwrap_err(),
        format!("f: too short for an xdb file; {download}")
    );
    assert_eq!(
        open(&good[..good.len() - 1], ".xdb").unwrap_err(),
        format!("f: the file is cut off or damaged; {download}")
    );
    assert_eq!(
        changed(0, &[9]),
        format!("f: not an xdb file of version 2 or 3; {download}")
    );
    assert_eq!(
        changed(2, &[2]),
        format!("f: an xdb file without a vector index; {download}")
    );
    for at in [8, 12] {
        assert_eq!(
            changed(at, &[0xff; 4]),
            format!("f: the file is cut off or damaged; {download}")
        );
    }
    let cell = 256 + (256 + 2) * 8;
    for bytes in [
        [0xff; 8],
        [1, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0xff, 0xff, 0, 0],
    ] {
        assert_eq!(
            changed(cell, &bytes),
            format!("f: the index is damaged; {download}")
        );
    }
}

#[test]
fn damage_beyond_the_index_costs_a_place_and_nothing_else() {
    let good = old_v4();
    for at in VECTOR_END..good.len() {
        let mut file = good.clone();
        file[at] ^= 0xff;
        if let Ok(geo) = open(&file, ".xdb") {
            for address in [Ipv4Addr::new(1, 2, 3, 4), Ipv4Addr::new(8, 8, 8, 8)] {
                assert!(geo.place(address.into()).len() < 1_024);
            }
        }
    }
    // A text that claims to be longer than the file, and one that is longer than any.
    let text = "国".repeat(400);
    let geo = open(
        &xdb(2, 0, &[(v4("1.2.0.0"), v4("1.2.0.9"), text.as_str())]),
        ".xdb",
    )
    .unwrap();
    assert_places(&geo, &[("1.2.0.1", "")]);
}

#[test]
fn a_file_that_shrinks_while_it_is_open_gives_no_place() {
    let mut file = tempfile::Builder::new().suffix(".xdb").tempfile().unwrap();
    file.write_all(&old_v4()).unwrap();
    let geo = Geo::open(file.path()).unwrap();
    file.as_file().set_len(100).unwrap();
    assert_places(&geo, &[("8.8.8.8", "")]);
}
