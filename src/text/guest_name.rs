//! Friendly names for visitors who have not chosen one: 听雨的龙井, Mellow Oolong.
//!
//! Owns the word lists. Never promises that a name is free: it is a greeting, not an identity.
//! Every first word goes with every second one, so a new word must be kind beside all of the
//! others. Bounded by [`MAX_CHARS`].

/// No name is longer than this, in characters.
pub const MAX_CHARS: usize = 16;

/// English first words: how a cup of tea, or a guest, can be.
const MOODS: [&str; 49] = [
    "Airy", "Amber", "Apricot", "Balmy", "Bright", "Brisk", "Calm", "Cheery", "Clear", "Cosy",
    "Crisp", "Dandy", "Dewy", "Early", "Festive", "Fine", "Fresh", "Gentle", "Glad", "Golden",
    "Happy", "Hearty", "Honest", "Jolly", "Kind", "Leafy", "Lively", "Lucky", "Mellow", "Merry",
    "Mild", "Misty", "Neat", "Patient", "Placid", "Polite", "Quiet", "Rested", "Rosy", "Rustic",
    "Serene", "Silver", "Spring", "Steady", "Sunny", "Upbeat", "Verdant", "Warm", "Zesty",
];

/// English second words: teas, and what stands on the table with them. At most eight letters,
/// as first words have at most seven.
const TEAS: [&str; 47] = [
    "Anji", "Assam", "Bamboo", "Barley", "Bergamot", "Biluo", "Blossom", "Ceylon", "Chai",
    "Clover", "Cup", "Fennel", "Gaiwan", "Genmai", "Ginger", "Gyokuro", "Hojicha", "Jasmine",
    "Keemun", "Kettle", "Kukicha", "Ladle", "Lemon", "Lychee", "Maofeng", "Matcha", "Mint",
    "Nilgiri", "Oolong", "Orchid", "Peony", "Petal", "Puerh", "Rooibos", "Rosehip", "Saucer",
    "Sencha", "Shoumei", "Sprig", "Teacup", "Tealeaf", "Teapot", "Thyme", "Tray", "Tulsi",
    "Verbena", "Yunnan",
];

/// Chinese first words: what one does at leisure. (The formatter would give each a line.)
#[rustfmt::skip]
const PASTIMES: [&str; 48] = [
    "听雨", "听风", "听泉", "听雪", "听松", "听琴", "看云", "看花", "看海", "看山", "看书",
    "赏月", "赏花", "赏雪", "望月", "望海", "观星", "观鱼", "数星星", "追风", "踏雪", "踏青",
    "寻梅", "煮雪", "扫叶", "拾叶", "读书", "抚琴", "吹笛", "下棋", "作画", "写诗", "吟诗",
    "写字", "种花", "种树", "养鹤", "垂钓", "泛舟", "晒书", "晒太阳", "远游", "访友", "闲坐",
    "小憩", "早起", "散步", "微笑",
];

/// Chinese second words: teas.
#[rustfmt::skip]
const LEAVES: [&str; 49] = [
    "龙井", "普洱", "熟普", "生普", "毛尖", "毛峰", "碧螺春", "铁观音", "大红袍", "白牡丹",
    "银针", "月光白", "寿眉", "贡眉", "滇红", "祁红", "英红", "正山小种", "金骏眉", "六堡",
    "水仙", "奇兰", "单丛", "乌龙", "冻顶乌龙", "包种", "岩茶", "黄金桂", "茉莉花茶", "桂花茶",
    "玫瑰花茶", "雀舌", "猴魁", "瓜片", "云雾", "甘露", "竹叶青", "玉露", "抹茶", "煎茶",
    "大麦茶", "荞麦茶", "柠檬茶", "薄荷茶", "红茶", "白茶", "高山茶", "安吉白茶", "紫笋",
];

/// A name for a visitor. The same seed gives the same name; neighbouring seeds give names
/// that have nothing in common.
pub fn guest_name(lang_is_zh: bool, seed: u64) -> String {
    let seed = mix(seed);
    if lang_is_zh {
        let (first, second) = pick(&PASTIMES, &LEAVES, seed);
        format!("{first}的{second}")
    } else {
        let (first, second) = pick(&MOODS, &TEAS, seed);
        format!("{first} {second}")
    }
}

/// One word of each list. The halves of the seed are independent of each other.
fn pick<'a>(first: &[&'a str], second: &[&'a str], seed: u64) -> (&'a str, &'a str) {
    let word = |list: &[&'a str], half: u64| {
        let index = half.checked_rem(list.len() as u64).unwrap_or_default();
        list.get(index as usize).copied().unwrap_or_default()
    };
    (word(first, seed >> 32), word(second, seed & 0xffff_ffff))
}

/// Spreads a seed over all bits, for callers that count their visitors.
/// The finalizer of SplitMix64 (Steele, Lea, Flood 2014).
fn mix(seed: u64) -> u64 {
    let seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let seed = (seed ^ seed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let seed = (seed ^ seed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    seed ^ seed >> 31
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn all(first: &[&str], link: &str, second: &[&str]) -> Vec<String> {
        let names = first
            .iter()
            .flat_map(|a| second.iter().map(move |b| format!("{a}{link}{b}")));
        names.collect()
    }

    #[test]
    fn every_combination_is_short_and_plain() {
        for name in all(&MOODS, " ", &TEAS) {
            assert!((5..=MAX_CHARS).contains(&name.chars().count()), "{name}");
            assert!(
                name.chars().all(|c| c.is_ascii_alphabetic() || c == ' '),
                "{name}"
            );
        }
        for name in all(&PASTIMES, "的", &LEAVES) {
            assert!((4..=MAX_CHARS).contains(&name.chars().count()), "{name}");
            assert!(
                name.chars().all(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)),
                "{name}"
            );
        }
    }

    #[test]
    fn no_word_is_listed_twice() {
        for list in [&MOODS[..], &TEAS, &PASTIMES, &LEAVES] {
            let words: BTreeSet<_> = list.iter().collect();
            assert_eq!(words.len(), list.len());
            assert!(list.len() >= 40);
        }
    }

    #[test]
    fn a_thousand_visitors_have_many_names() {
        for zh in [true, false] {
            let names: BTreeSet<String> = (0..1_000).map(|seed| guest_name(zh, seed)).collect();
            assert!(names.len() > 700, "{}", names.len());
        }
    }

    #[test]
    fn a_seed_always_gives_the_same_name() {
        for seed in [0, 1, u64::MAX] {
            assert_eq!(guest_name(true, seed), guest_name(true, seed));
            assert!(guest_name(true, seed).contains('的'));
            assert!(guest_name(false, seed).contains(' '));
        }
    }
}
