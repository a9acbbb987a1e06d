//! Han characters that are one character to a reader of Chinese: traditional forms and their simplified
//! ones, one for one.
//!
//! What the words around it would decide (`乾` is `干`, but not in 乾坤) is not asked: this compares,
//! nobody reads what comes out. The table is made from ICU's transliterator `Traditional-Simplified`
//! (Unicode License v3, copyright © Unicode, Inc.).

use std::sync::LazyLock;

/// Each traditional character and its simplified one.
const PAIRS: &str = include_str!("han/simplified.txt");

/// The first character that may be in the table, and the one after the last: the two large blocks of Han.
const FIRST: u32 = 0x3400;
const LAST: u32 = 0xa000;

/// For each character of the blocks its simplified form, 0 when that is it itself.
static SIMPLE: LazyLock<Box<[u16]>> = LazyLock::new(|| {
    let mut table = vec![0; (LAST - FIRST) as usize];
    let mut chars = PAIRS.chars().filter(|c| *c != '\n');
    while let (Some(from), Some(to)) = (chars.next(), chars.next()) {
        if let (Some(place), Ok(to)) = (place_of(from), u16::try_from(u32::from(to)))
            && let Some(simple) = table.get_mut(place)
        {
            *simple = to;
        }
    }
    table.into_boxed_slice()
});

fn place_of(c: char) -> Option<usize> {
    u32::from(c).checked_sub(FIRST).map(|place| place as usize)
}

/// The simplified form of a character; what has none is itself.
#[must_use]
pub fn simplified(c: char) -> char {
    if !('\u{3400}'..'\u{a000}').contains(&c) {
        return c;
    }
    let simple = place_of(c).and_then(|place| SIMPLE.get(place).copied());
    match simple {
        None | Some(0) => c,
        Some(simple) => char::from_u32(simple.into()).unwrap_or(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traditional_characters_become_simplified_ones_and_all_others_stay() {
        let all = |text: &str| text.chars().map(simplified).collect::<String>();
        assert_eq!(
            all("資料庫管理員，系統裏的茶館"),
            "资料库管理员，系统里的茶馆"
        );
        for same in ["资料库管理员", "abc é 🍵", "東京タワー한글"] {
            let twice = all(&all(same));
            assert_eq!(twice, all(same));
        }
        assert_eq!(all("abc é 🍵 カナ 한글"), "abc é 🍵 カナ 한글");
    }

    #[test]
    fn the_table_has_each_character_once_and_leads_nowhere_twice() {
        let chars: Vec<char> = PAIRS.chars().filter(|c| *c != '\n').collect();
        assert_eq!(chars.len() % 2, 0);
        let from: Vec<char> = chars.iter().copied().step_by(2).collect();
        assert!(from.windows(2).all(|pair| pair[0] < pair[1]));
        for to in chars.iter().copied().skip(1).step_by(2) {
            assert_eq!(simplified(to), to, "{to}");
        }
    }
}
