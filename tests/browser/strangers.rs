//! What strangers bring along into the pictures: names from right to left and as long as names may be,
//! a room whose name is long as well, and words that break pages which were made with short ones.
//! Where Markdown shows something else than was written, what is shown stands second.

pub const LONG: &str = "Konstantina Papadopoulou";
pub const HEBREW: &str = "שלמה בן דוד";

pub const ROOM: &str = "周末徒步 · Weekend hikes, slow ones";

pub const GREETING: &str = "ערב טוב לכולם! גם אני שותה תה ירוק (Longjing) 🍃";

pub const FAMILY: &str = "我们一家 👨‍👩‍👧‍👦 都来，🏳️‍🌈 👍🏽";

/// Cut in its middle, as some programs cut.
pub const HALF: &str =
    "The photo was cut: half of us \u{1F468}\u{200D}\u{1F469}\u{200D}, half of a cup \u{FFFD}";

pub const BLANKLESS: &str = "水开了先放一放再慢慢倒下去看茶园里摘来的叶子一片一片沉到杯底这时候不要搅也不要说话听见隔壁的钟响过三下就可以喝了第一杯先闻第二杯再尝第三杯留给后来的人";

pub const CODE: [&str; 2] = [
    "```python\nfor cup in range(3):\n    steep(seconds=20 + 10 * cup)  # at 85 °C, the lid open, and nobody may talk while the leaves sink, that is the rule\n```",
    "for cup in range(3):\n    steep(seconds=20 + 10 * cup)  # at 85 °C, the lid open, and nobody may talk while the leaves sink, that is the rule\n",
];

pub const ADDRESS: [&str; 2] = [
    "https://shop.example/tea/green?from=hangzhou&picked=before-qingming&items=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef#leaves",
    "https://shop.example/tea/green?from=hangzhou&picked=before-…",
];

pub const TASKS: [&str; 2] = [
    "להביא / to bring:\n\n- [x] 水壶 kettle\n- [ ] תה, or 茶\n- [ ] a map",
    "להביא / to bring:☑ 水壶 kettle☐ תה, or 茶☐ a map",
];

pub const TABLE: [&str; 2] = [
    "| 茶 | °C | Seconds | שלי |\n| --- | ---: | ---: | --- |\n| 龙井 Dragonwell, picked before Qingming | 85 | 180 | כן |\n| 普洱 | 100 | 20 | לא |",
    "茶°CSecondsשלי龙井 Dragonwell, picked before Qingming85180כן普洱10020לא",
];

/// What a page shows of what was written.
pub fn shown(written: &str) -> &str {
    let pairs = [CODE, ADDRESS, TASKS, TABLE];
    let pair = pairs.iter().find(|[source, _]| *source == written);
    pair.map_or(written, |[_, shown]| shown)
}
