//! What people say in a demo: short prewritten conversations, with placeholders that are
//! filled anew each time.
//!
//! A file has conversations with an empty line between them. A line is a speaker, `A` to `C`, a
//! blank, and what they say; `\n` breaks it, `{A}` mentions a speaker, `{tea}` and the like are drawn.

use super::dice::Dice;
use crate::text::catalog::Lang;

/// The subject of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Tea: leaves and water.
    Tea,
    /// Hiking in the mountains.
    Hiking,
    /// Programming.
    Code,
    /// Running servers.
    Operations,
    /// Cooking.
    Cooking,
    /// Books.
    Books,
    /// Small talk of the lobby.
    Lobby,
    /// Conversations of a direct room.
    Direct,
    /// Announcements.
    News,
}

/// One line of a conversation: index of the speaker, and the text with placeholders.
type Line = (usize, &'static str);

/// All conversations, by language.
#[derive(Debug)]
pub struct Phrases {
    talks: Vec<(Subject, Lang, Vec<Vec<Line>>)>,
    asides_zh: Vec<&'static str>,
    asides_en: Vec<&'static str>,
}

macro_rules! written {
    ($subject:ident, $lang:ident, $file:literal) => {
        (
            Subject::$subject,
            Lang::$lang,
            conversations(include_str!(concat!("talk/", $file))),
        )
    };
}

impl Phrases {
    /// Reads the conversations, which are compiled in.
    #[must_use]
    pub fn read() -> Self {
        Self {
            talks: vec![
                written!(Tea, Zh, "tea.zh.txt"),
                written!(Tea, En, "tea.en.txt"),
                written!(Hiking, Zh, "hiking.zh.txt"),
                written!(Hiking, En, "hiking.en.txt"),
                written!(Code, Zh, "code.zh.txt"),
                written!(Code, En, "code.en.txt"),
                written!(Operations, Zh, "operations.zh.txt"),
                written!(Operations, En, "operations.en.txt"),
                written!(Cooking, Zh, "cooking.zh.txt"),
                written!(Cooking, En, "cooking.en.txt"),
                written!(Books, Zh, "books.zh.txt"),
                written!(Books, En, "books.en.txt"),
                written!(Lobby, Zh, "lobby.zh.txt"),
                written!(Lobby, En, "lobby.en.txt"),
                written!(Direct, Zh, "direct.zh.txt"),
                written!(Direct, En, "direct.en.txt"),
                written!(News, Zh, "news.zh.txt"),
                written!(News, En, "news.en.txt"),
            ],
            asides_zh: include_str!("talk/asides.zh.txt").lines().collect(),
            asides_en: include_str!("talk/asides.en.txt").lines().collect(),
        }
    }

    /// A conversation about `subject`.
    pub fn talk(&self, subject: Subject, lang: Lang, dice: &mut Dice) -> &[Line] {
        let found = self
            .talks
            .iter()
            .find(|(settings, spoken, _)| (*settings, *spoken) == (subject, lang));
        found
            .and_then(|(_, _, talks)| dice.pick(talks))
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// A short remark by somebody else in the room.
    pub fn aside(&self, lang: Lang, dice: &mut Dice) -> &'static str {
        dice.word(match lang {
            Lang::Zh => &self.asides_zh,
            Lang::En => &self.asides_en,
        })
    }
}

fn conversations(text: &'static str) -> Vec<Vec<Line>> {
    text.split("\n\n")
        .map(|talk| talk.lines().filter_map(line).collect::<Vec<_>>())
        .filter(|talk| !talk.is_empty())
        .collect()
}

fn line(text: &'static str) -> Option<Line> {
    let (speaker, words) = text.split_once(' ')?;
    let speaker = ["A", "B", "C"].iter().position(|name| *name == speaker)?;
    Some((speaker, words))
}

/// The values of one conversation's placeholders: a tea stays the same from line to line.
#[derive(Debug)]
pub struct Blanks(Vec<(&'static str, String)>);

impl Blanks {
    /// Draws values for a conversation between people with these names.
    pub fn draw(lang: Lang, speakers: &[&str], dice: &mut Dice) -> Self {
        let table = match lang {
            Lang::Zh => &ZH,
            Lang::En => &EN,
        };
        let mut blanks: Vec<(&'static str, String)> = table
            .iter()
            .map(|(blank, words)| (*blank, dice.word(words).to_owned()))
            .collect();
        blanks.push(("n", dice.between(2, 9).to_string()));
        blanks.push(("deg", (80 + 5 * dice.below(4)).to_string()));
        for (blank, name) in ["A", "B", "C"].into_iter().zip(speakers) {
            blanks.push((blank, format!("@{name}")));
        }
        Self(blanks)
    }

    /// `words` with its placeholders filled.
    #[must_use]
    pub fn fill(&self, words: &str) -> String {
        let mut out = String::with_capacity(words.len() + 16);
        let mut rest = words;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let Some((blank, tail)) = after.split_once('}') else {
                out.push('{');
                rest = after;
                continue;
            };
            let found = self.0.iter().find(|(known, _)| *known == blank);
            match found {
                Some((_, word)) => out.push_str(word),
                None => out.extend(["{", blank, "}"]),
            }
            rest = tail;
        }
        out.push_str(rest);
        out.replace("\\n", "\n")
    }
}

type Table = [(&'static str, &'static [&'static str]); 8];

#[rustfmt::skip]
const ZH: Table = [
    ("tea", &["龙井", "肉桂", "水仙", "凤凰单丛", "白牡丹", "正山小种", "六堡", "熟普", "生普", "铁观音", "碧螺春", "太平猴魁"]),
    ("place", &["香山", "莫干山", "武夷山", "青城山", "梧桐山", "九溪", "箭扣", "龙脊", "徽杭古道", "四姑娘山"]),
    ("dish", &["红烧肉", "麻婆豆腐", "鱼香肉丝", "小炒黄牛肉", "葱油饼", "酸菜鱼", "糖醋排骨", "番茄炒蛋", "羊肉泡馍", "清蒸鲈鱼"]),
    ("book", &["边城", "呼兰河传", "围城", "我与地坛", "平凡的世界", "城南旧事", "人间词话", "浮生六记", "江村经济", "人类群星闪耀时"]),
    ("host", &["tea-1", "tea-2", "db-1", "cache-3", "build-7", "edge-2"]),
    ("lib", &["serde", "tokio", "那个日期库", "解析器", "旧的 HTTP 客户端", "模板引擎"]),
    ("hour", &["早上七点半", "上午九点", "中午十二点", "下午三点", "晚上八点", "晚上九点半"]),
    ("day", &["周一", "周三", "周五", "周六", "周日", "明天", "后天", "下周末"]),
];

#[rustfmt::skip]
const EN: Table = [
    ("tea", &["Darjeeling", "Assam", "sencha", "Keemun", "oolong", "silver needle", "lapsang", "hojicha", "dragonwell", "Ceylon"]),
    ("place", &["Black Ridge", "the old quarry", "Kettle Hill", "the lakes", "Stony Pass", "the coast path", "Heron Valley", "the north loop"]),
    ("dish", &["Ramen", "Lasagne", "Dumplings", "Mapo tofu", "Mushroom risotto", "Shepherd's pie", "Pierogi", "Fish curry", "Leek soup"]),
    ("book", &["Middlemarch", "The Book of Tea", "Piranesi", "Persuasion", "The Waves", "Moby-Dick", "Three Men in a Boat", "Walden", "Emma"]),
    ("host", &["tea-1", "tea-2", "db-1", "cache-3", "build-7", "edge-2"]),
    ("lib", &["serde", "tokio", "the date library", "the parser", "the old HTTP client", "the template engine"]),
    ("hour", &["half past seven", "nine", "noon", "three", "eight in the evening", "ten"]),
    ("day", &["Monday", "Wednesday", "Friday", "Saturday", "Sunday", "Thursday", "Tuesday"]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::content;

    #[test]
    fn everything_written_can_be_said_and_no_blank_is_left() {
        let phrases = Phrases::read();
        let mut dice = Dice::new(7);
        let mut lines = 0;
        for (subject, lang, talks) in &phrases.talks {
            assert!(talks.len() > 4, "{subject:?} {lang:?}");
            let blanks = Blanks::draw(*lang, &["甲", "Grace", "Ada"], &mut dice);
            for (_, words) in talks.iter().flatten() {
                let said = blanks.fill(words);
                assert_eq!(content::accept(&said, 4_000).as_ref(), Ok(&said));
                assert!(!said.contains(['{', '}']), "{said}");
                lines += 1;
            }
        }
        assert!(lines > 500, "{lines} lines");
    }
}
