//! A place database for tests: addresses that nobody here has, in places where people live.

/// A small place database (ip2region's version 2): for each (name, address, place)
/// the addresses that share its first two bytes.
pub fn database(places: &[(&str, &str, &str)]) -> Vec<u8> {
    const VECTOR: usize = 256;
    const TEXTS: usize = VECTOR + 256 * 256 * 8;
    let mut file = vec![0; TEXTS];
    let mut segments = Vec::new();
    for (_, address, place) in places {
        let address: std::net::Ipv4Addr = address.parse().unwrap();
        let [first, second, ..] = address.octets();
        segments.push((first, second, file.len(), place.len()));
        file.extend(place.as_bytes());
    }
    let begin = file.len();
    for (first, second, text, length) in segments {
        let at = file.len();
        for end in [0, 255] {
            file.extend([end, end, second, first]);
        }
        file.extend(u16::try_from(length).unwrap().to_le_bytes());
        file.extend(u32::try_from(text).unwrap().to_le_bytes());
        let cell = VECTOR + (usize::from(first) * 256 + usize::from(second)) * 8;
        for (offset, place) in [(0, at), (4, file.len())] {
            let bytes = u32::try_from(place).unwrap().to_le_bytes();
            file[cell + offset..cell + offset + 4].copy_from_slice(&bytes);
        }
    }
    let last = file.len() - 14;
    file[0..4].copy_from_slice(&[2, 0, 1, 0]);
    file[8..12].copy_from_slice(&u32::try_from(begin).unwrap().to_le_bytes());
    file[12..16].copy_from_slice(&u32::try_from(last).unwrap().to_le_bytes());
    file
}
