//! The people of a demo: names that nobody has, in both languages.

use std::collections::HashSet;

use super::dice::Dice;
use crate::text::catalog::Lang;
use crate::text::{identicon, name};

const SURNAMES: [&str; 40] = [
    "林", "陈", "周", "吴", "徐", "孙", "胡", "朱", "高", "何", "郭", "马", "罗", "梁", "宋", "郑",
    "谢", "韩", "唐", "冯", "于", "董", "萧", "程", "曹", "袁", "邓", "许", "傅", "沈", "曾", "彭",
    "吕", "苏", "卢", "蒋", "蔡", "贾", "丁", "魏",
];

const GIVEN: [&str; 64] = [
    "小满", "知秋", "若水", "子衿", "明远", "清欢", "景行", "思源", "望舒", "云帆", "雨桐", "一诺",
    "星河", "嘉树", "南乔", "安然", "书瑶", "听雨", "怀瑾", "语嫣", "修远", "浩然", "念慈", "晓棠",
    "致远", "晴川", "牧之", "采薇", "文博", "静姝", "长风", "忆安", "立夏", "谷雨", "惊蛰", "白露",
    "霜降", "远山", "竹青", "墨言", "子墨", "如初", "亦凡", "雪见", "海棠", "梧桐", "半夏", "青禾",
    "沐阳", "乐之", "行简", "守拙", "允中", "希文", "介甫", "易安", "东篱", "素心", "泊舟", "归晚",
    "问渠", "拾光", "予安", "未央",
];

const FIRST: [&str; 64] = [
    "Ada", "Grace", "Alan", "Edith", "Hugo", "Mabel", "Oscar", "Ruth", "Silas", "Nora", "Felix",
    "Ivy", "Jonas", "Clara", "Emil", "Greta", "Arthur", "Lena", "Otto", "Maeve", "Rufus", "Alma",
    "Tobias", "Esther", "Jasper", "Freya", "Milo", "Hazel", "Theo", "Iris", "Walter", "Ines",
    "Casper", "Vera", "Leon", "Rosa", "Elias", "June", "Magnus", "Thea", "Victor", "Wilma", "Noah",
    "Olive", "Ruben", "Stella", "Simon", "Tessa", "Anton", "Bruno", "Cora", "Dora", "Edgar",
    "Flora", "Gus", "Helen", "Ida", "Jack", "Kit", "Laura", "Max", "Nell", "Paul", "Quinn",
];

const LAST: [&str; 40] = [
    "Hart", "Lowell", "Brooks", "Finch", "Marsh", "Quill", "Reed", "Stone", "Vale", "Winter",
    "Ashby", "Birch", "Carver", "Dale", "Ellis", "Frost", "Grove", "Holt", "Irving", "Joyce",
    "Kemp", "Lane", "Moss", "North", "Oakes", "Pike", "Rowe", "Shaw", "Thorne", "Upton", "Voss",
    "Ward", "York", "Zeller", "Bloom", "Crane", "Drake", "Flynn", "Hale", "Wren",
];

/// As place databases have them: provinces, and countries, in Chinese. The page shows them in the
/// reader's language.
const PLACES_ZH: [&str; 8] = ["北京", "上海", "浙江", "四川", "福建", "陕西", "广东", ""];

const PLACES_EN: [&str; 8] = [
    "英国",
    "爱尔兰",
    "加拿大",
    "德国",
    "挪威",
    "新西兰",
    "荷兰",
    "",
];

/// A person who has no account yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Somebody {
    /// The account's name, which is valid as it is.
    pub name: String,
    /// The language that they talk.
    pub lang: Lang,
    /// The place of their address.
    pub place: &'static str,
    /// Hue of the identicon in degrees, if they have chosen one.
    pub hue: Option<u16>,
}

/// `count` people with different names.
pub fn draw(count: usize, dice: &mut Dice) -> Vec<Somebody> {
    let mut taken = HashSet::new();
    let mut people = Vec::with_capacity(count);
    while people.len() < count {
        let chinese = dice.chance(0.55);
        let mut name = if chinese {
            format!("{}{}", dice.word(&SURNAMES), dice.word(&GIVEN))
        } else if dice.chance(0.3) {
            dice.word(&FIRST).to_owned()
        } else {
            format!("{} {}", dice.word(&FIRST), dice.word(&LAST))
        };
        if !taken.insert(name::skeleton(&name)) {
            name = format!("{name} {}", people.len());
            taken.insert(name::skeleton(&name));
        }
        let places = if chinese { PLACES_ZH } else { PLACES_EN };
        people.push(Somebody {
            name,
            lang: if chinese { Lang::Zh } else { Lang::En },
            place: dice.word(&places),
            hue: dice
                .chance(0.3)
                .then(|| u16::try_from(dice.below(identicon::HUES.into())).unwrap_or_default()),
        });
    }
    people
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_words_for_the_places() {
        for place in PLACES_ZH.iter().chain(&PLACES_EN) {
            assert!(Lang::En.place(place).is_ascii(), "{place}");
        }
    }

    #[test]
    fn nobody_has_the_name_of_another_and_every_name_is_one() {
        let people = draw(9_000, &mut Dice::new(1));
        let keys: HashSet<String> = people.iter().map(|one| name::skeleton(&one.name)).collect();
        assert_eq!(keys.len(), people.len());
        for one in &people {
            assert_eq!(name::tidy(&one.name).as_deref(), Some(one.name.as_str()));
        }
    }
}
