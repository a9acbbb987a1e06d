//! Videos, made here: boxes without anything in them that plays.

/// A box.
pub fn boxed(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 8).unwrap();
    [&length.to_be_bytes()[..], name, body].concat()
}

/// What a phone writes where it has filmed: in the movie and in its track, as user data, as metadata and as XMP.
pub fn telling(marker: &[u8]) -> Vec<u8> {
    let place = boxed(b"\xA9xyz", &[b"\0\x12\x15\xC7", marker].concat());
    let xmp = b"\xBE\x7A\xCF\xCB\x97\xA9\x42\xE8\x9C\x71\x99\x94\x91\xE3\xAF\xAC";
    [
        boxed(b"udta", &place),
        boxed(b"meta", &[b"\0\0\0\0", marker].concat()),
        boxed(b"uuid", &[xmp, marker].concat()),
    ]
    .concat()
}

fn numbers(all: &[u32]) -> Vec<u8> {
    all.iter().flat_map(|n| n.to_be_bytes()).collect()
}

fn hdlr(handler: &[u8; 4]) -> Vec<u8> {
    boxed(b"hdlr", &[&[0; 8], &handler[..], &[0; 13]].concat())
}

/// 1,280 by 720 pixels, lying on its side, of 1.5 s; with `more` in the movie, in its track and behind it.
pub fn mp4(more: &[u8]) -> Vec<u8> {
    let mvhd = boxed(b"mvhd", &numbers(&[0, 1, 2, 600, 900]));
    let turned = [0, 1 << 16, 0, 0xFFFF_0000, 0, 0, 0, 0, 1 << 30];
    let head = [
        &[0, 1, 2, 1, 0, 900, 0, 0, 0, 0],
        &turned[..],
        &[1280 << 16, 720 << 16],
    ];
    let tkhd = boxed(b"tkhd", &numbers(&head.concat()));
    let mdia = boxed(b"mdia", &hdlr(b"vide"));
    let trak = boxed(b"trak", &[&tkhd, more, &mdia].concat());
    let moov = boxed(b"moov", &[&mvhd, more, &trak].concat());
    let mdat = boxed(b"mdat", &[0x55; 30_000]);
    let ftyp = boxed(b"ftyp", b"isom\0\0\0\0mp42isom");
    [&ftyp[..], &mdat, &moov, more].concat()
}

/// What a camera for sports writes: the same with a track of places, each of which is `sample`, among its pictures.
pub fn with_places(sample: &[u8]) -> Vec<u8> {
    let length = u32::try_from(sample.len()).unwrap();
    // Of the media the first byte, and places at every 10,000.
    let places = [0, 1, 2].map(|n| 32 + n * 10_000);
    let stsc = boxed(b"stsc", &numbers(&[0, 1, 1, 1, 1]));
    let stsz = boxed(b"stsz", &numbers(&[0, length, 3]));
    let stco = boxed(b"stco", &numbers(&[&[0, 3], &places[..]].concat()));
    let stbl = boxed(b"stbl", &[stsc, stsz, stco].concat());
    let mdia = boxed(b"mdia", &[hdlr(b"meta"), boxed(b"minf", &stbl)].concat());
    let mut bytes = mp4(&boxed(b"trak", &mdia));
    for at in places {
        bytes[at as usize..][..sample.len()].copy_from_slice(sample);
    }
    bytes
}

/// The head of a WebM, and what might follow.
pub fn webm() -> Vec<u8> {
    let head = b"\x1A\x45\xDF\xA3\x9F\x42\x86\x81\x01\x42\x82\x84webm";
    [&head[..], &[0x55; 3_000]].concat()
}
