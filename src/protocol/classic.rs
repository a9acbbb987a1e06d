//! Classic frames, types 1 to 6, as clients in the wild expect them to the letter.

use bytes::Bytes;
use serde::Serialize;

use super::{envelope, frame, json, kinds};
use crate::model::file::{File, FileKind, Rendition};
use crate::model::message::Message;
use crate::model::message_id::MessageId;
use crate::text::catalog::Lang;
use crate::text::{clock, content, size};

/// Files of a message that a classic client gets: its window is small.
const FILES: usize = 4;

/// Type 1: how many people are online.
#[must_use]
pub fn online(people: usize) -> Bytes {
    envelope(kinds::ONLINE, &people)
}

/// Type 4: record `id` has been recalled. Clients take the player of a `voice` out of their list by it, and of
/// nothing else.
#[must_use]
pub fn recalled(id: MessageId, voice: bool) -> Bytes {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Recall {
        id: MessageId,
        is_voice: bool,
    }
    envelope(
        kinds::RECALL,
        &Recall {
            id,
            is_voice: voice,
        },
    )
}

/// Type 4 in the second dialect, whose data is the bare id.
#[must_use]
pub fn recalled_bare(id: MessageId) -> Bytes {
    envelope(kinds::RECALL, &id)
}

/// The answer to a heartbeat, under the number it came with (6, or 5 in the second dialect).
#[must_use]
pub fn pong(number: u8) -> Bytes {
    envelope(number, &"pong")
}

/// Type 3 or 5: a record, from its JSON.
#[must_use]
pub fn record_frame(kind: i64, record: &[u8]) -> Bytes {
    let mut out = format!("{{\"type\":{kind},\"data\":").into_bytes();
    out.extend_from_slice(record);
    out.push(b'}');
    frame::text(&out)
}

/// The JSON of one record. `base` goes before addresses that are paths (`avatar`), so that a page
/// on another site can load them; empty for pages of this server.
#[must_use]
pub fn record(message: &Message, base: &str) -> Bytes {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Record<'a> {
        id: MessageId,
        user_id: Option<i64>,
        nickname: &'a str,
        avatar: String,
        content: String,
        r#type: i64,
        ip_address: &'a str,
        ip_addr: &'a str,
        ip_source: &'a str,
        create_time: String,
    }
    let avatar = &message.by.avatar;
    Bytes::from(json(&Record {
        id: message.id,
        user_id: message.by.id.user(),
        // A record is encoded once for everybody: in Chinese, the server's default language.
        nickname: message.by.name_in(Lang::Zh),
        avatar: if avatar.starts_with('/') {
            format!("{base}{avatar}")
        } else {
            avatar.clone()
        },
        content: content_html(message, base),
        r#type: message.kind,
        ip_address: &message.address,
        ip_addr: &message.address,
        ip_source: &message.by.place,
        create_time: clock::rfc3339(message.at),
    }))
}

/// What a classic client puts into its page: the address of a voice; else the words, then the files as links.
fn content_html(message: &Message, base: &str) -> String {
    if let (true, Some(voice)) = (message.is_voice(), message.files.first()) {
        return format!("{base}/voice/{}.wav", voice.id);
    }
    let mut out = message.body.classic_html();
    let mut files = message.files.iter().filter(|file| !file.gone);
    for file in files.by_ref().take(FILES) {
        line_break(&mut out);
        link(file, base, &mut out);
    }
    let more = files.count();
    if more > 0 {
        line_break(&mut out);
        out.push_str(&format!("+{more}"));
    }
    out
}

fn line_break(out: &mut String) {
    if !out.is_empty() {
        out.push_str("<br>");
    }
}

/// A file as HTML that a classic client may show: a link, with a picture in it where it is one.
fn link(file: &File, base: &str, out: &mut String) {
    let address = |rendition: Rendition| format!("{base}/files/{}/{}", file.id, rendition.as_str());
    let (word, target) = match file.kind {
        FileKind::Picture | FileKind::Animation => ("[图片]", Rendition::L),
        FileKind::Video => ("[视频]", Rendition::Raw),
        FileKind::Audio => ("[音频]", Rendition::Raw),
        FileKind::Voice => ("[语音]", Rendition::Raw),
        FileKind::File | FileKind::Poster => ("[文件]", Rendition::Raw),
    };
    let target = address(target);
    out.push_str(&format!(
        "<a href=\"{target}\" target=\"_blank\" rel=\"noopener\">{word} "
    ));
    match file.kind {
        FileKind::Picture | FileKind::Animation => out.push_str(&format!(
            "<img src=\"{}\" alt=\"\" style=\"max-width:160px;max-height:160px\">",
            address(Rendition::S)
        )),
        _ => {
            content::escape(&file.name, out);
            out.push_str(&format!(" ({})", size::in_words(file.size)));
        }
    }
    out.push_str("</a>");
}

/// Type 2: records (JSON, comma-separated, oldest first) and who the asker is.
#[must_use]
pub fn history(records: &[u8], address: &str, place: &str) -> Bytes {
    let mut out = Vec::with_capacity(records.len() + 128);
    out.extend_from_slice(b"{\"type\":2,\"data\":{\"chatRecordList\":[");
    out.extend_from_slice(records);
    let address = json(&address);
    out.extend_from_slice(b"],\"ipAddress\":");
    out.extend_from_slice(&address);
    out.extend_from_slice(b",\"ipAddr\":");
    out.extend_from_slice(&address);
    out.extend_from_slice(b",\"ipSource\":");
    out.extend_from_slice(&json(&place));
    out.extend_from_slice(b"}}");
    frame::text(&out)
}
