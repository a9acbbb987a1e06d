//! The rooms of a demo: their names and subjects.

use super::phrases::Subject::{self, Books, Code, Cooking, Hiking, News, Operations, Tea};
use crate::model::room::RoomKind::{self, Private, Public};
use crate::text::catalog::Lang::{self, En, Zh};

/// What is special about a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// Nothing special.
    Usual,
    /// Only its owner and admins may send.
    Announcements,
    /// It is archived at the end.
    Archived,
    /// It is in slow mode.
    Slow,
}

/// A room before it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sketch {
    /// The room's name.
    pub name: String,
    /// Its topic, the line under the name.
    pub topic: &'static str,
    /// The notice, which people see when they open it.
    pub notice: &'static str,
    /// What is talked about.
    pub subject: Subject,
    /// The language of most messages.
    pub lang: Lang,
    /// Public or private.
    pub kind: RoomKind,
    /// What is special about it.
    pub habit: Habit,
}

type Row = (
    &'static str,
    &'static str,
    &'static str,
    Subject,
    Lang,
    RoomKind,
    Habit,
);

use Habit::{Announcements, Archived, Slow, Usual};

const RULES: &str = "1. 对事不对人。\n2. 贴代码请用等宽，长的放链接。\n3. 广告会被请出去。";

#[rustfmt::skip]
const ROOMS: [Row; 24] = [
    ("公告 · Announcements", "维护、更新、活动 · maintenance, news, events", "只有管理员发言；有问题请到大堂问。\nOnly admins write here; ask in the lobby.", News, Zh, Public, Announcements),
    ("品茶", "今天喝什么？", "新茶、老茶、器具、水。欢迎晒图，不欢迎卖茶。", Tea, Zh, Public, Usual),
    ("Hiking club", "Weekend walks, tracks, gear", "Say where, when and how far. Leave no trace.", Hiking, En, Public, Usual),
    ("值班室", "谁在值班，什么在响", "报警先认领，再动手，事后写两句。", Operations, Zh, Private, Usual),
    ("老活动群（已归档）", "去年秋天的那次活动", "", Hiking, Zh, Public, Archived),
    ("写代码", "Rust、前端、数据库，什么都聊", RULES, Code, Zh, Public, Usual),
    ("Rust & friends", "Borrow checker support group", "Short code inline, long code as a link.", Code, En, Public, Usual),
    ("周末徒步", "本周路线见公告", "量力而行，不丢下任何人。", Hiking, Zh, Public, Usual),
    ("厨房", "今天吃什么", "欢迎翻车照片。", Cooking, Zh, Public, Usual),
    ("Kitchen table", "What is for dinner?", "Burnt is fine. Boring is not.", Cooking, En, Public, Usual),
    ("On call", "Who has the pager", "Claim it, fix it, write two lines about it.", Operations, En, Private, Usual),
    ("读书会", "每月一本，月底讨论", "讨论前请标注剧透。", Books, Zh, Public, Slow),
    ("Book club", "One book a month", "Mark your spoilers, please.", Books, En, Public, Usual),
    ("品茶 · Tea table", "Both languages, one pot", "中英文都可以。Either language is fine.", Tea, En, Public, Usual),
    ("核心组", "路线图与分工", "这里的话不外传。", Code, Zh, Private, Usual),
    ("Reading group: drafts", "We read what we wrote", "Be kind, be exact.", Books, En, Private, Usual),
    ("器具交流", "紫砂、盖碗、建盏", "", Tea, Zh, Public, Usual),
    ("Ops stories", "What broke, and what we learned", "No blame. Names of machines, not of people.", Operations, En, Public, Usual),
    ("烘焙小组", "面团在发，人在等", "", Cooking, Zh, Private, Usual),
    ("Gear exchange", "Lend, borrow, give away", "Say the size and where to meet.", Hiking, En, Public, Usual),
    ("重构读书班", "每周一章，带着自己的代码来", "", Code, Zh, Public, Slow),
    ("Slow tea", "One steep a day", "No hurry here.", Tea, En, Private, Usual),
    ("古籍夜读", "一晚一页", "", Books, Zh, Private, Usual),
    ("Infrastructure (old)", "Moved to On call", "", Operations, En, Public, Archived),
];

/// The first `count` rooms. Beyond those that are written down, they repeat with a
/// number.
pub fn sketches(count: usize) -> Vec<Sketch> {
    (0..count)
        .zip(ROOMS.iter().cycle())
        .map(
            |(number, (name, topic, notice, subject, lang, kind, habit))| {
                let round = number / ROOMS.len();
                // Only one room is for announcements, and few are archived.
                let habit = if round > 0 { Usual } else { *habit };
                let subject = match subject {
                    News if round > 0 => Tea,
                    other => *other,
                };
                Sketch {
                    name: if round > 0 {
                        format!("{name} {}", round + 1)
                    } else {
                        (*name).to_owned()
                    },
                    topic,
                    notice,
                    subject,
                    lang: *lang,
                    kind: *kind,
                    habit,
                }
            },
        )
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::model::room::{RoomPatch, room_name};
    use crate::text::name;

    #[test]
    fn every_sketch_is_a_room_that_could_be_made() {
        let all = sketches(500);
        for sketch in &all {
            assert_eq!(room_name(&sketch.name).as_deref(), Ok(&*sketch.name));
            let patch = RoomPatch {
                topic: Some(sketch.topic.to_owned()),
                notice: Some(sketch.notice.to_owned()),
                ..RoomPatch::default()
            };
            let checked = patch.clone().checked().unwrap();
            assert_eq!(checked, patch, "{}", sketch.name);
        }
        let keys: HashSet<String> = all.iter().map(|one| name::key(&one.name)).collect();
        assert_eq!(keys.len(), all.len());
    }
}
