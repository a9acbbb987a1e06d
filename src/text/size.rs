//! Numbers of bytes, for people.

/// A number of bytes as people say it, rounded down: `100 MB`. Systems that people use count 1,024 to the
/// next unit under these names, or are near enough.
pub fn in_words(number: u64) -> String {
    let units = [("GB", 30), ("MB", 20), ("KB", 10)];
    let mut fitting = units.into_iter().filter(|(_, bits)| number >> bits > 0);
    let (unit, bits) = fitting.next().unwrap_or(("B", 0));
    let tenths = (u128::from(number) * 10) >> bits;
    match tenths % 10 {
        0 => format!("{} {unit}", tenths / 10),
        tenth => format!("{}.{tenth} {unit}", tenths / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_said_as_people_say_them() {
        for (number, words) in [
            (0, "0 B"),
            (1_023, "1023 B"),
            (1 << 20, "1 MB"),
            (100 << 20, "100 MB"),
            (3 << 29, "1.5 GB"),
            (u64::MAX, "17179869183.9 GB"),
        ] {
            assert_eq!(in_words(number), words);
        }
    }
}
