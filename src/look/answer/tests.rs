use super::*;
use crate::look::kind::WEBM;

const JPEG: &[u8] = b"\xFF\xD8\xFF\xE0 picture \xFF\xD9";

fn rendered(rendition: Rendition) -> Rendered {
    Rendered {
        rendition,
        media_type: "image/jpeg",
        bytes: JPEG.to_vec(),
    }
}

fn all() -> Vec<Rendered> {
    [Rendition::L, Rendition::M, Rendition::S]
        .map(rendered)
        .to_vec()
}

fn head() -> Head {
    Head {
        kind: FileKind::Picture,
        media_type: "image/jpeg".to_owned(),
        content: Content {
            w: Some(20),
            h: Some(12_000),
            hash: Some("3OcRJYB4d3h/iIeHeEh3eIhw+j2w".to_owned()),
            ..Content::default()
        },
        sha256: "0123456789abcdef".repeat(4),
        renditions: all()
            .iter()
            .map(|it| (it.rendition, "image/jpeg".to_owned(), it.bytes.len() as u64))
            .collect(),
        blanks: Vec::new(),
        zeros: Vec::new(),
    }
}

fn plain() -> Head {
    Head {
        kind: FileKind::File,
        media_type: "application/octet-stream".to_owned(),
        content: Content::default(),
        renditions: Vec::new(),
        ..head()
    }
}

fn video() -> Head {
    Head {
        kind: FileKind::Video,
        media_type: "video/mp4".to_owned(),
        content: Content {
            w: Some(VIDEO_EDGE),
            h: Some(1),
            ms: Some(VIDEO_MS),
            ..Content::default()
        },
        blanks: vec![8..16, 16..100, u64::MAX - 8..u64::MAX],
        zeros: vec![100..101, 102..2_000],
        ..plain()
    }
}

fn written(verdict: &Verdict, renditions: &[Rendered]) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut bytes, verdict, renditions).unwrap();
    bytes
}

async fn heard(head: Head, renditions: &[Rendered]) -> Option<Answer> {
    read(&mut &written(&Verdict::Looked(Box::new(head)), renditions)[..]).await
}

#[tokio::test]
async fn what_is_written_is_read() {
    let Some(Answer::Looked(looked)) = heard(head(), &all()).await else {
        panic!("not read");
    };
    assert_eq!(looked.renditions, all());
    assert_eq!(
        (looked.kind, looked.content),
        (FileKind::Picture, head().content)
    );
    let Some(Answer::Looked(looked)) = heard(plain(), &[]).await else {
        panic!("not read");
    };
    assert_eq!(looked.media_type, "application/octet-stream");
    for (verdict, answer) in [
        (Verdict::BadPicture, Answer::BadPicture),
        (Verdict::TooManyPixels, Answer::TooManyPixels),
        (Verdict::BadVoice, Answer::BadVoice),
        (Verdict::TooLong, Answer::TooLong),
    ] {
        let bytes = written(&verdict, &[]);
        assert_eq!(read(&mut &bytes[..]).await, Some(answer));
    }
}

#[tokio::test]
async fn an_answer_ends_where_it_says() {
    let whole = written(&Verdict::Looked(Box::new(head())), &all());
    for length in 0..whole.len() {
        assert_eq!(read(&mut &whole[..length]).await, None, "{length}");
    }
    let longer = [&whole[..], &[0]].concat();
    assert_eq!(read(&mut &longer[..]).await, None);
    let endless = [&u32::MAX.to_be_bytes()[..], &[b' '; 9_000]].concat();
    assert_eq!(read(&mut &endless[..]).await, None);
}

#[tokio::test]
async fn nothing_that_no_look_can_find_is_believed() {
    type Lie = fn(&mut Head);
    let of_pictures: [Lie; 15] = [
        |head| head.kind = FileKind::File,
        |head| head.kind = FileKind::Video,
        |head| head.media_type = "image/png".to_owned(),
        |head| head.media_type = "text/html".to_owned(),
        |head| head.content.w = None,
        |head| head.content.h = Some(0),
        |head| head.content.h = Some(12_001),
        |head| head.content.ms = Some(1),
        |head| head.content.poster = true,
        |head| head.content.hash = None,
        |head| head.content.hash = Some("x".repeat(37)),
        |head| head.content.hash = Some("<script>".to_owned()),
        |head| head.sha256 = "A".repeat(64),
        |head| head.sha256.truncate(63),
        |head| head.renditions.swap(0, 2),
    ];
    for (number, lie) in of_pictures.into_iter().enumerate() {
        let mut head = head();
        lie(&mut head);
        assert_eq!(heard(head, &all()).await, None, "{number}");
    }
    let mut twice = head();
    twice.renditions.extend(head().renditions);
    assert_eq!(heard(twice, &[all(), all()].concat()).await, None);
    let mut typed = head();
    typed.renditions[1].1 = "image/svg+xml".to_owned();
    assert_eq!(heard(typed, &all()).await, None);
    let mut other = all();
    other[1].bytes = b"<html><body>.</".to_vec();
    assert_eq!(heard(head(), &other).await, None, "not of its type");
    let mut large = head();
    large.renditions[0].2 = RENDITION_BYTES + 1;
    assert_eq!(heard(large, &all()).await, None);

    let of_files: [Lie; 4] = [
        |head| head.media_type = "text/html".to_owned(),
        |head| head.media_type = "video/mp4".to_owned(),
        |head| head.kind = FileKind::Voice,
        |head| head.content.w = Some(1),
    ];
    for (number, lie) in of_files.into_iter().enumerate() {
        let mut head = plain();
        lie(&mut head);
        assert_eq!(heard(head, &[]).await, None, "{number}");
    }
}

#[tokio::test]
async fn of_a_video_what_a_walk_can_find_is_believed() {
    let Some(Answer::Looked(looked)) = heard(video(), &[]).await else {
        panic!("not read");
    };
    assert_eq!(looked.blanks, video().blanks);
    assert_eq!(looked.zeros, video().zeros);
    assert_eq!(looked.content, video().content);
    let most = Head {
        blanks: (0..RANGES as u64)
            .map(|n| u64::MAX - 200_000 + n * 8..u64::MAX - 199_992 + n * 8)
            .collect(),
        zeros: Vec::new(),
        ..video()
    };
    assert!(heard(most, &[]).await.is_some(), "as many as a walk finds");
    type Lie = fn(&mut Head);
    let lies: [Lie; 17] = [
        |head| head.kind = FileKind::Audio,
        |head| (head.kind, head.media_type) = (FileKind::Audio, "audio/mp4".to_owned()),
        |head| head.media_type = WEBM.to_owned(),
        |head| (head.media_type, head.blanks) = (WEBM.to_owned(), Vec::new()),
        |head| head.zeros[1].start = 100,
        |head| head.zeros[0].end = 100,
        |head| (head.kind, head.media_type) = (FileKind::File, kind::ANY.to_owned()),
        |head| head.content.w = None,
        |head| head.content.h = Some(0),
        |head| head.content.w = Some(VIDEO_EDGE + 1),
        |head| head.content.ms = Some(VIDEO_MS + 1),
        |head| head.content.poster = true,
        |head| head.content.hash = Some("3OcR".to_owned()),
        |head| head.blanks[1].end = 20,
        |head| head.blanks[1].start = 15,
        |head| head.blanks.swap(0, 1),
        |head| head.blanks = (0..RANGES as u64).map(|n| n * 8..n * 8 + 8).collect(),
    ];
    for (number, lie) in lies.into_iter().enumerate() {
        let mut head = video();
        lie(&mut head);
        assert_eq!(heard(head, &[]).await, None, "{number}");
    }
}
