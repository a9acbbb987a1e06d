//! Tracks that are neither seen nor heard.

use std::slice;

use super::*;

fn full(name: &[u8; 4], all: &[u32]) -> Vec<u8> {
    boxed(name, &[&[0; 4][..], &numbers(all)].concat())
}

/// A track with these tables.
fn with(handler: &[u8; 4], tables: &[Vec<u8>]) -> Vec<u8> {
    let hdlr = boxed(b"hdlr", &[&[0; 8], &handler[..], &[0; 13]].concat());
    // The handler of the data, in a MOV, is none of the track.
    let other = boxed(b"hdlr", &[&[0; 4], &b"dhlralis"[..], &[0; 13]].concat());
    let stbl = boxed(b"stbl", &tables.concat());
    let minf = boxed(b"minf", &[other, stbl].concat());
    let mdia = boxed(b"mdia", &[hdlr, minf].concat());
    boxed(b"trak", &[tkhd(UPRIGHT, 640, 360), mdia].concat())
}

fn stsc(entries: &[[u32; 2]]) -> Vec<u8> {
    let count = u32::try_from(entries.len()).unwrap();
    let each = entries
        .iter()
        .flat_map(|[first, samples]| [*first, *samples, 1]);
    full(
        b"stsc",
        &[count].into_iter().chain(each).collect::<Vec<_>>(),
    )
}

fn stsz(sizes: &[u32]) -> Vec<u8> {
    let count = u32::try_from(sizes.len()).unwrap();
    full(b"stsz", &[&[0, count], sizes].concat())
}

fn stco(chunks: &[u32]) -> Vec<u8> {
    let count = u32::try_from(chunks.len()).unwrap();
    full(b"stco", &[&[count], chunks].concat())
}

/// The head of a file, and 1,000 bytes in which every byte is something.
fn media() -> Vec<u8> {
    [ftyp(), boxed(b"mdat", &[9; 1_000])].concat()
}

/// Of the media the first byte.
const START: u32 = 32;

fn movie(tracks: &[Vec<u8>]) -> Vec<u8> {
    let seen = [track(&[]), tracks.concat()].concat();
    [media(), boxed(b"moov", &seen)].concat()
}

fn zeros(tracks: &[Vec<u8>]) -> Option<Vec<Range<u64>>> {
    let walked = walked(&movie(tracks))?;
    assert!(walked.is_seen);
    Some(walked.zeros)
}

fn from_start(ranges: &[Range<u32>]) -> Vec<Range<u64>> {
    let at = |n: u32| u64::from(START + n);
    ranges
        .iter()
        .map(|each| at(each.start)..at(each.end))
        .collect()
}

#[test]
fn samples_of_what_is_neither_seen_nor_heard_go_with_their_track() {
    let tables = |stco: Vec<u8>| [stsc(&[[1, 2], [3, 1]]), stsz(&[10, 5, 20, 7, 9]), stco];
    let chunks = [START, START + 100, START + 200];
    let expected = from_start(&[0..15, 100..127, 200..209]);
    for handler in [
        b"meta",
        b"camm",
        b"rtmd",
        b"data",
        b"sbtl",
        b"text",
        b"subt",
        b"clcp",
        b"\0\0\0\0",
    ] {
        let track = with(handler, &tables(stco(&chunks)));
        let bytes = movie(slice::from_ref(&track));
        let walked = walked(&bytes).unwrap();
        assert_eq!(walked.zeros, expected, "{handler:?}");
        let end = bytes.len() as u64;
        let [blank] = &walked.blanks[..] else {
            panic!()
        };
        assert_eq!(*blank, end - track.len() as u64..end, "all of the track");
        assert_eq!(walked.content.w, Some(1920));
    }
    for handler in [b"vide", b"soun"] {
        assert_eq!(
            zeros(&[with(handler, &tables(stco(&chunks)))]),
            Some(vec![])
        );
    }
    let long = [0, 3, 0, chunks[0], 0, chunks[1], 0, chunks[2]];
    let co64 = boxed(b"co64", &numbers(&long));
    assert_eq!(zeros(&[with(b"meta", &tables(co64))]), Some(expected));
}

#[test]
fn sizes_may_be_the_same_or_written_small() {
    let of = |sizes: Vec<u8>| {
        zeros(&[with(
            b"meta",
            &[stsc(&[[1, 3]]), sizes, stco(&[START, START + 500])],
        )])
    };
    assert_eq!(
        of(full(b"stsz", &[40, 6])),
        Some(from_start(&[0..120, 500..620]))
    );
    let small =
        |bits: u32, sizes: &[u8]| boxed(b"stz2", &[&numbers(&[0, bits, 6]), sizes].concat());
    let expected = Some(from_start(&[0..6, 500..515]));
    assert_eq!(of(small(4, &[0x12, 0x34, 0x56])), expected);
    assert_eq!(of(small(8, &[1, 2, 3, 4, 5, 6])), expected);
    assert_eq!(
        of(small(16, &[0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6])),
        expected
    );
    assert_eq!(of(small(7, &[0; 12])), None);
}

#[test]
fn chunks_side_by_side_are_one_range_across_tracks() {
    let one = |chunks: &[u32]| {
        let sizes = full(b"stsz", &[10, u32::try_from(chunks.len()).unwrap()]);
        with(b"meta", &[stsc(&[[1, 1]]), sizes, stco(chunks)])
    };
    let tracks = [
        one(&[START, START + 10, START + 60]),
        one(&[START + 20, START + 50, START + 55]),
    ];
    assert_eq!(zeros(&tracks), Some(from_start(&[0..30, 50..70])));
}

#[test]
fn tables_that_lie_make_it_a_file() {
    let good = [stsc(&[[1, 1]]), stsz(&[10, 10]), stco(&[START, START + 50])];
    let with_table = |at: usize, table: Vec<u8>| {
        let mut all = good.clone();
        all[at] = table;
        zeros(&[with(b"meta", &all)])
    };
    assert!(with_table(0, stsc(&[[1, 1]])).is_some());
    let end = START + 1_000;
    let lies = [
        ("no chunk has samples", 0, stsc(&[])),
        ("the second chunk is first", 0, stsc(&[[2, 1]])),
        ("none in a chunk", 0, stsc(&[[1, 0]])),
        ("more than there are", 0, stsc(&[[1, 2]])),
        ("backwards", 0, stsc(&[[1, 1], [1, 1]])),
        ("an entry is missing", 0, full(b"stsc", &[2, 1, 1, 1])),
        ("a sample more", 1, stsz(&[10, 10, 10])),
        ("a sample less", 1, stsz(&[10])),
        ("a size is missing", 1, full(b"stsz", &[0, 2, 10])),
        ("all that there are", 1, full(b"stsz", &[u32::MAX, 2])),
        ("a chunk is missing", 2, full(b"stco", &[2, START])),
        ("before the media", 2, stco(&[START - 1, START + 50])),
        ("beyond the media", 2, stco(&[START, end - 9])),
        ("in the movie", 2, stco(&[START, end + 8])),
        (
            "round the end of numbers",
            2,
            full(b"co64", &[2, 0, START, u32::MAX, u32::MAX]),
        ),
        ("no chunks", 2, boxed(b"stss", &[])),
        (
            "two tables",
            2,
            [stco(&[START, START + 50]), stco(&[])].concat(),
        ),
        ("cut off", 2, boxed(b"stco", &[])),
    ];
    for (name, at, table) in lies {
        assert_eq!(with_table(at, table), None, "{name}");
    }
    let in_pieces = [movie(&[with(b"meta", &[])]), boxed(b"moof", &[])].concat();
    assert_eq!(walked(&in_pieces), None, "samples that no table knows");
}

#[test]
fn a_copy_that_was_cut_off_has_no_samples_behind_its_end() {
    let tables = [stsc(&[[1, 1]]), stsz(&[10, 10]), stco(&[0, 0])];
    let length =
        u32::try_from(boxed(b"moov", &[track(&[]), with(b"meta", &tables)].concat()).len())
            .unwrap();
    let start = 24 + length + 8;
    let tables = [
        stsc(&[[1, 1]]),
        stsz(&[10, 10]),
        stco(&[start + 90, start + 400]),
    ];
    let moov = boxed(b"moov", &[track(&[]), with(b"meta", &tables)].concat());
    let whole = [ftyp(), moov, boxed(b"mdat", &[9; 1_000])].concat();
    let at = u64::from(start + 90);
    for (left, expected) in [(96, Some(at..at + 6)), (50, None)] {
        let cut = &whole[..start as usize + left];
        let zeros = walked(cut).unwrap().zeros;
        assert_eq!(zeros.into_iter().next(), expected, "{left}");
    }
}

#[test]
fn ranges_of_samples_have_an_end() {
    let of = |count: usize| {
        let offsets: Vec<u32> = (0..count)
            .map(|n| START + 2 * u32::try_from(n).unwrap())
            .collect();
        let sizes = full(b"stsz", &[1, u32::try_from(count).unwrap()]);
        let track = with(b"meta", &[stsc(&[[1, 1]]), sizes, stco(&offsets)]);
        let moov = boxed(b"moov", &track);
        let bytes = [ftyp(), boxed(b"mdat", &vec![9; 2 * count]), moov].concat();
        walked(&bytes).map(|walked| walked.zeros.len())
    };
    assert_eq!(of(RANGES - 1), Some(RANGES - 1), "with the track itself");
    assert_eq!(of(RANGES), None);
    assert_eq!(of(CHUNKS + 1), None);
}
