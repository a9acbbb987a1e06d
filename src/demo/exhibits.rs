//! The files of a demo: which messages have some, and what those are.

use super::dice::Dice;
use super::scenes::Scene;
use super::tunes;
use crate::model::file::Wanted;
use crate::text::catalog::Lang;

/// What a message shows beside its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exhibit {
    /// So many pictures.
    Pictures(usize),
    /// A voice, and no words.
    Voice,
    /// A list to be saved.
    List,
}

/// A file before it is uploaded.
#[derive(Debug)]
pub struct Drawn {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What it is sent as.
    pub wanted: Wanted,
    /// What it shows.
    pub alt: &'static str,
}

/// Messages for each that has files.
const EACH: usize = 300;

/// Most messages with files: each takes some tenths of a second to be looked at.
const MOST: usize = 48;

/// How many of so many messages have files.
#[must_use]
pub fn number(messages: usize) -> usize {
    (messages / EACH).min(MOST)
}

impl Exhibit {
    /// What the message shows that has the `place`th files: mostly pictures.
    #[must_use]
    pub fn at(place: usize) -> Self {
        match place % 8 {
            1 => Self::Voice,
            2 => Self::Pictures(3),
            3 => Self::List,
            6 => Self::Pictures(4),
            _ => Self::Pictures(1),
        }
    }

    /// Its files, in the language of the room.
    ///
    /// # Errors
    /// When a picture cannot be encoded.
    pub fn draw(self, lang: Lang, dice: &mut Dice) -> anyhow::Result<Vec<Drawn>> {
        match self {
            Self::Pictures(count) => (0..count).map(|_| picture(lang, dice)).collect(),
            Self::Voice => Ok(vec![Drawn {
                name: "voice.wav".to_owned(),
                bytes: tunes::hum(dice),
                wanted: Wanted::Voice,
                alt: "",
            }]),
            Self::List => Ok(vec![list(lang, dice)]),
        }
    }
}

fn picture(lang: Lang, dice: &mut Dice) -> anyhow::Result<Drawn> {
    let scene = dice.pick(&Scene::ALL).copied().unwrap_or(Scene::Hills);
    let alt = match (scene, lang) {
        (Scene::Hills, Lang::Zh) => "晨雾里的山，一层叠着一层",
        (Scene::Hills, Lang::En) => "Hills behind hills in the morning mist",
        (Scene::Lake, Lang::Zh) => "夜里的湖，月亮落在水里",
        (Scene::Lake, Lang::En) => "A lake at night with the moon in it",
        (Scene::Bowl, Lang::Zh) => "木桌上一碗刚泡好的茶",
        (Scene::Bowl, Lang::En) => "A bowl of fresh tea on a wooden table",
    };
    Ok(Drawn {
        name: format!("IMG_{:04}.jpg", dice.below(10_000)),
        bytes: scene.draw(dice)?,
        wanted: Wanted::Picture,
        alt,
    })
}

fn list(lang: Lang, dice: &mut Dice) -> Drawn {
    let (name, head, teas) = match lang {
        Lang::Zh => (
            "茶单",
            "茶,克,元",
            ["龙井", "碧螺春", "铁观音", "凤凰单丛", "白毫银针", "熟普"],
        ),
        Lang::En => (
            "tea-list",
            "tea,grams,price",
            [
                "Longjing",
                "Biluochun",
                "Tieguanyin",
                "Dancong",
                "Silver Needle",
                "Pu’er",
            ],
        ),
    };
    let mut text = format!("{head}\n");
    for tea in teas {
        let (grams, price) = (25 * (1 + dice.below(8)), 12 + dice.below(200));
        text.push_str(&format!("{tea},{grams},{price}\n"));
    }
    Drawn {
        name: format!("{name}-{:02}.csv", 1 + dice.below(12)),
        bytes: text.into_bytes(),
        wanted: Wanted::File,
        alt: "",
    }
}
