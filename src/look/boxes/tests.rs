use std::io::Cursor;

use super::*;

/// What nobody may be given.
const MARKER: &[u8] = b"+35.6586+139.7454/";

fn boxed(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 8).unwrap();
    [&length.to_be_bytes()[..], name, body].concat()
}

/// The same with a length of 64 bits.
fn long(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let length = body.len() as u64 + 16;
    [b"\0\0\0\x01", &name[..], &length.to_be_bytes(), body].concat()
}

/// The same, up to the end of what it stands in.
fn open(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [b"\0\0\0\0", &name[..], body].concat()
}

fn ftyp() -> Vec<u8> {
    boxed(b"ftyp", b"isom\0\0\0\0mp42isom")
}

fn numbers(all: &[u32]) -> Vec<u8> {
    all.iter().flat_map(|each| each.to_be_bytes()).collect()
}

fn mvhd(a_second: u32, length: u32) -> Vec<u8> {
    boxed(b"mvhd", &numbers(&[0, 1, 2, a_second, length, 0, 0]))
}

const UPRIGHT: [u32; 9] = [1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30];
/// By 90°: a is now 0, b is 1, c is -1.
const TURNED: [u32; 9] = [0, 1 << 16, 0, 0xFFFF_0000, 0, 0, 0, 0, 1 << 30];

fn tkhd(matrix: [u32; 9], w: u32, h: u32) -> Vec<u8> {
    let before = [7, 1, 2, 1, 0, 900, 0, 0, 0, 0];
    let all = [&before[..], &matrix, &[w << 16, h << 16]].concat();
    boxed(b"tkhd", &numbers(&all))
}

fn mdia(handler: &[u8; 4]) -> Vec<u8> {
    let hdlr = boxed(b"hdlr", &[&[0; 8], &handler[..], &[0; 13]].concat());
    boxed(b"mdia", &[boxed(b"mdhd", &[0; 24]), hdlr].concat())
}

fn place() -> Vec<u8> {
    boxed(b"\xA9xyz", &[b"\0\x12\x15\xC7", MARKER].concat())
}

fn xmp() -> Vec<u8> {
    boxed(
        b"uuid",
        &[
            b"\xBE\x7A\xCF\xCB\x97\xA9\x42\xE8\x9C\x71\x99\x94\x91\xE3\xAF\xAC",
            MARKER,
        ]
        .concat(),
    )
}

fn track(more: &[u8]) -> Vec<u8> {
    let parts = [&tkhd(UPRIGHT, 1920, 1080)[..], more, &mdia(b"vide")];
    boxed(b"trak", &parts.concat())
}

fn moov(more: &[u8]) -> Vec<u8> {
    boxed(
        b"moov",
        &[&mvhd(600, 900)[..], more, &track(&[])[..]].concat(),
    )
}

fn walked(bytes: &[u8]) -> Option<Walked> {
    walk(&mut Cursor::new(bytes))
}

/// As whoever is given it has it.
fn blanked(bytes: &[u8], walked: &Walked) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for blank in walked.blanks.iter().chain(&walked.zeros) {
        let blank = usize::try_from(blank.start).unwrap()..usize::try_from(blank.end).unwrap();
        bytes[blank].fill(0);
    }
    bytes
}

fn has_marker(bytes: &[u8]) -> bool {
    bytes.windows(MARKER.len()).any(|each| each == MARKER)
}

/// It is walked, and nothing that was planted is left; what is known of it.
fn told_nothing(name: &str, bytes: &[u8]) -> Content {
    assert!(has_marker(bytes), "{name}");
    let walked = walked(bytes).unwrap_or_else(|| panic!("{name}"));
    assert!(!has_marker(&blanked(bytes, &walked)), "{name}");
    walked.content
}

#[test]
fn what_cameras_write_beside_a_video_is_found_wherever_it_stands() {
    let mdat = boxed(b"mdat", &[7; 5_000]);
    let metadata = boxed(b"meta", &[b"\0\0\0\0", MARKER].concat());
    let plants: [(&str, Vec<u8>); 7] = [
        ("place of a movie", moov(&boxed(b"udta", &place()))),
        ("place of a track", moov(&track(&boxed(b"udta", &place())))),
        ("metadata of a movie", moov(&metadata)),
        ("metadata of a track", moov(&track(&metadata))),
        ("XMP of a movie", moov(&xmp())),
        ("XMP of a track", moov(&track(&xmp()))),
        (
            "all of it, in long boxes",
            moov(&[long(b"udta", &place()), long(b"meta", MARKER), xmp()].concat()),
        ),
    ];
    for (name, moov) in plants {
        let first = [&ftyp()[..], &moov, &mdat].concat();
        let last = [&ftyp()[..], &mdat, &moov].concat();
        for bytes in [first, last] {
            let content = told_nothing(name, &bytes);
            assert_eq!((content.w, content.h), (Some(1920), Some(1080)), "{name}");
            assert_eq!(content.ms, Some(1_500), "{name}");
        }
    }
    for (name, beside) in [
        ("XMP of a file", xmp()),
        ("metadata of a file", metadata),
        ("user data of a file", boxed(b"udta", &place())),
        ("at the open end", open(b"udta", &place())),
    ] {
        told_nothing(name, &[&ftyp()[..], &mdat, &moov(&[]), &beside].concat());
    }
}

#[test]
fn boxes_of_every_length_lead_to_the_next() {
    let packed = moov(&boxed(b"udta", &place()));
    let inside = &packed[8..];
    for (name, bytes) in [
        (
            "64 bit",
            [ftyp(), long(b"mdat", &[1; 99]), long(b"moov", inside)].concat(),
        ),
        ("open at the end", [ftyp(), open(b"moov", inside)].concat()),
        (
            "an open box within another",
            [
                ftyp(),
                boxed(b"moov", &[inside, &open(b"udta", &place())].concat()),
            ]
            .concat(),
        ),
        ("a rest", [&ftyp()[..], &packed, b"\0\0\0\0\0\0\0"].concat()),
        ("zeros", [&ftyp()[..], &packed, &[0; 64]].concat()),
    ] {
        let content = told_nothing(name, &bytes);
        assert_eq!(content.w, Some(1920), "{name}");
    }
}

#[test]
fn what_a_video_needs_is_named_and_all_else_goes_wherever_it_stands() {
    let names = [
        b"uuid", b"udta", b"meta", b"thum", b"htka", b"_htc", b"gps ", b"free", b"skip", b"wide",
        b"junk", b"inst",
    ];
    let mdat = boxed(b"mdat", &place());
    for name in names {
        let plant = boxed(name, &[b"\0\0\0\x20vendor", MARKER].concat());
        let in_stbl = boxed(b"stbl", &plant);
        let in_minf = boxed(b"minf", &[&plant[..], &in_stbl].concat());
        let in_mdia = [&mdia(b"vide")[8..], &plant, &in_minf].concat();
        let in_trak = [&plant[..], &boxed(b"mdia", &in_mdia)].concat();
        let in_moov = [&plant[..], &boxed(b"trak", &in_trak)].concat();
        let in_moof = [&plant[..], &boxed(b"traf", &plant)].concat();
        let moof = boxed(b"moof", &in_moof);
        let bytes = [&ftyp()[..], &plant, &boxed(b"moov", &in_moov), &moof, &mdat].concat();
        let walked = walked(&bytes).unwrap();
        let name = String::from_utf8_lossy(name).into_owned();
        assert_eq!(walked.blanks.len(), 8, "{name}");
        assert!(walked.is_seen, "{name}");
        let after = blanked(&bytes, &walked);
        let (before, media) = after.split_at(after.len() - mdat.len());
        assert!(!has_marker(before), "{name}");
        assert_eq!(media, mdat, "the video itself stays");
    }
}

#[test]
fn free_space_with_nothing_in_it_is_left_alone() {
    let free = [
        boxed(b"free", &[0; 900]),
        boxed(b"wide", b""),
        boxed(b"skip", &[0]),
    ];
    let free = free.concat();
    let bytes = [ftyp(), free.clone(), moov(&free), track(&free), free].concat();
    let walked = walked(&bytes).unwrap();
    // A track that stands outside of a movie is none.
    assert_eq!(walked.blanks.len(), 1);
    assert_eq!(walked.zeros, []);
}

#[test]
fn a_video_is_as_large_as_its_first_track_that_is_seen() {
    let of = |tracks: &[Vec<u8>]| {
        let bytes = [ftyp(), boxed(b"moov", &tracks.concat())].concat();
        let content = walked(&bytes).unwrap().content;
        content.w.zip(content.h)
    };
    let seen = |matrix, w, h| boxed(b"trak", &[tkhd(matrix, w, h), mdia(b"vide")].concat());
    let heard = boxed(b"trak", &[tkhd(UPRIGHT, 5, 5), mdia(b"soun")].concat());
    assert_eq!(
        of(&[heard.clone(), seen(UPRIGHT, 640, 360)]),
        Some((640, 360))
    );
    assert_eq!(of(&[seen(TURNED, 640, 360)]), Some((360, 640)));
    let both = [seen(UPRIGHT, 640, 360), seen(UPRIGHT, 64, 36)];
    assert_eq!(of(&both), Some((640, 360)));
    for (w, h) in [(0, 360), (640, 0), (VIDEO_EDGE + 1, 9)] {
        assert_eq!(of(&[seen(UPRIGHT, w, h)]), None, "{w} x {h}");
    }
    assert_eq!(of(&[heard]), None);
    let short = boxed(b"trak", &[boxed(b"tkhd", &[0; 30]), mdia(b"vide")].concat());
    assert_eq!(of(&[short]), None);
    // The longer version has times of 64 bits.
    let times = [1 << 24, 0, 1, 0, 2, 1, 0, 0, 900, 0, 0, 0, 0];
    let all = [&times[..], &UPRIGHT, &[640 << 16, 360 << 16]].concat();
    let tkhd = boxed(b"tkhd", &numbers(&all));
    let late = boxed(b"trak", &[tkhd, mdia(b"vide")].concat());
    assert_eq!(of(&[late]), Some((640, 360)));
}

#[test]
fn a_length_that_says_nothing_is_none() {
    let of = |mvhd: &[u8]| walked(&boxed(b"moov", mvhd)).unwrap().content.ms;
    assert_eq!(of(&mvhd(30_000, 1_001)), Some(33));
    let unknown = (90_000, u32::MAX);
    for (a_second, length) in [(0, 9), (600, 0), (1, u32::MAX - 1), unknown] {
        assert_eq!(of(&mvhd(a_second, length)), None, "{length} / {a_second}");
    }
    let long = |length: u64| {
        let ends = [(length >> 32) as u32, length as u32];
        let numbers = numbers(&[1 << 24, 0, 1, 0, 2, 48_000, ends[0], ends[1]]);
        boxed(b"mvhd", &numbers)
    };
    assert_eq!(of(&long(96_000)), Some(2_000));
    assert_eq!(of(&long(u64::MAX)), None);
    assert_eq!(of(&boxed(b"mvhd", &[0; 10])), None);
}

#[test]
fn what_lies_about_its_length_cannot_be_walked() {
    let lying = |length: u32, name: &[u8; 4]| [&length.to_be_bytes()[..], name].concat();
    let far = |length: u64| [b"\0\0\0\x01udta", &length.to_be_bytes()[..]].concat();
    let liars: Vec<(&str, Vec<u8>)> = vec![
        ("shorter than its head", lying(7, b"free")),
        ("of 2 bytes", lying(2, b"free")),
        ("longer than all", lying(u32::MAX, b"udta")),
        ("one byte longer", lying(9, b"udta")),
        ("64 bit, shorter than its head", far(15)),
        ("64 bit, no length", far(0)),
        ("64 bit, longer than all", far(1 << 40)),
        ("64 bit, round the end of numbers", far(u64::MAX)),
        ("64 bit, cut off", b"\0\0\0\x01udta\0\0\0".to_vec()),
    ];
    for (name, liar) in liars {
        for bytes in [
            [ftyp(), boxed(b"moov", &liar)].concat(),
            [ftyp(), moov(&boxed(b"trak", &liar))].concat(),
        ] {
            assert_eq!(walked(&bytes), None, "{name}");
        }
    }
    // A track that overlaps what follows its movie.
    let mut overlapping = [ftyp(), boxed(b"moov", &track(&[])), boxed(b"udta", MARKER)].concat();
    let at = ftyp().len() + 8;
    overlapping[at..at + 4].copy_from_slice(&500_u32.to_be_bytes());
    assert_eq!(walked(&overlapping), None);
    let packed = [ftyp(), boxed(b"moov", &boxed(b"cmov", MARKER))].concat();
    assert_eq!(walked(&packed), None, "packed");
}

#[test]
fn number_and_blanks_have_an_end() {
    let many = |count: usize| boxed(b"free", &[]).repeat(count);
    assert!(walked(&many(BOXES)).is_some());
    assert!(walked(&many(BOXES + 1)).is_none());
    assert!(walked(&many(1_000_000)).is_none());
    let telling = |count: usize| boxed(b"moov", &boxed(b"udta", &place()).repeat(count));
    assert_eq!(walked(&telling(RANGES)).unwrap().blanks.len(), RANGES);
    assert!(walked(&telling(RANGES + 1)).is_none());
    let mut deep = Vec::new();
    for _ in 0..100 {
        deep = boxed(b"moov", &deep);
        let found = walked(&[ftyp(), deep.clone()].concat());
        assert!(
            found.unwrap().blanks.len() <= 1,
            "none stands within itself"
        );
    }
}

#[test]
fn a_file_that_was_cut_off_is_walked_truly_or_not_at_all() {
    let udta = boxed(b"udta", &place());
    let mdat = boxed(b"mdat", &[3; 700]);
    let telling = moov(&[udta, xmp()].concat());
    for whole in [
        [&ftyp()[..], &telling, &mdat].concat(),
        [&ftyp()[..], &mdat, &telling].concat(),
    ] {
        for length in 0..whole.len() {
            let cut = &whole[..length];
            if let Some(walked) = walked(cut) {
                assert!(!has_marker(&blanked(cut, &walked)), "{length}");
            }
        }
    }
}

#[test]
fn what_is_cut_off_at_its_end_or_goes_on_behind_it_is_a_video() {
    let mdat = boxed(b"mdat", &[3; 700]);
    let telling = moov(&boxed(b"udta", &place()));
    let first = [&ftyp()[..], &telling, &mdat].concat();
    let cut = &first[..first.len() - 100];
    assert_eq!(told_nothing("cut off", cut).w, Some(1920));
    // 1 TiB, of which nothing has come.
    let long = [&first[..], b"\0\0\0\x01mdat\0\0\x01\0\0\0\0\0"].concat();
    assert_eq!(told_nothing("cut off early", &long).w, Some(1920));
    for (name, trailer) in [
        (
            "no length",
            [b"\0\0\0\x02\xFF\xFF\xFF\xFF", MARKER].concat(),
        ),
        ("no name", [b"\0\0\0\x0A\x01\x02\x03\x04", MARKER].concat()),
        ("longer than all", [b"8db42d69", MARKER].concat()),
    ] {
        let bytes = [&first[..], &trailer].concat();
        assert_eq!(told_nothing(name, &bytes).w, Some(1920), "{name}");
    }
    let bytes = [&first[..], b"secret"].concat();
    let short = walked(&bytes).unwrap();
    let end = bytes.len() as u64;
    let [zeros] = &short.zeros[..] else { panic!() };
    assert_eq!(*zeros, end - 6..end);
}

mod tracks;
