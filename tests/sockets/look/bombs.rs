//! Small files that would become large.

use super::bytes::{chunk, segment, with_chunks, with_segments, zeros};
use super::make::{self, quarters};
use super::{only_a_file, picture, too_large};

const GIBIBYTE: usize = 1_024 * 1_024 * 1_024;

fn png_of_size(width: u32, height: u32) -> Vec<u8> {
    let sides = [width, height].map(u32::to_be_bytes);
    let header = [sides.as_flattened(), &[8, 2, 0, 0, 0]].concat();
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &header),
        chunk(b"IDAT", &zeros(16 * 1_024 * 1_024)),
        chunk(b"IEND", &[]),
    ]
    .concat()
}

/// A JPEG with other sides in its frame's header.
fn jpeg_of_size(width: u16, height: u16) -> Vec<u8> {
    let mut jpeg = make::jpeg(&quarters(64, 64));
    let frame = jpeg.windows(2).position(|it| it == [0xFF, 0xC0]).unwrap();
    jpeg[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    jpeg[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    jpeg
}

#[tokio::test]
async fn a_picture_with_more_pixels_than_allowed_is_only_saved() {
    too_large("png", &png_of_size(50_000, 50_000)).await;
    too_large("png", &png_of_size(u32::MAX, u32::MAX)).await;
    too_large("png", &png_of_size(5_001, 5_000)).await;
    too_large("a long png", &png_of_size(12_001, 1)).await;
    too_large("jpeg", &jpeg_of_size(65_500, 65_500)).await;
    too_large("gif", &make::gif_of_dots((65_535, 65_535), 0, 1)).await;
    let parts = [make::vp8x(2, 1 << 24, 1 << 24)];
    let webp = super::bytes::riff(b"WEBP", &parts);
    only_a_file("webp without frames", &webp).await;
}

#[tokio::test]
async fn texts_and_profiles_of_a_gibibyte_are_left_out() {
    let png = make::png(&quarters(64, 64));
    let bomb = zeros(GIBIBYTE);
    let with = |name: &[u8; 4], start: &[u8], bomb: &[u8]| {
        with_chunks(&png, &[chunk(name, &[start, bomb].concat())])
    };
    picture(&with(b"zTXt", b"Comment\0\0", &bomb)).await;
    picture(&with(b"iTXt", b"Comment\0\x01\0\0\0", &bomb)).await;
    picture(&with(b"iCCP", b"profile\0\0", &bomb)).await;
    // So little that it is shown to the decoder, which is to be quick about it.
    picture(&with(b"iCCP", b"profile\0\0", &zeros(2_500_000))).await;
}

#[tokio::test]
async fn containers_of_too_many_parts_are_only_saved() {
    let png = make::png(&quarters(64, 64));
    let empty = vec![chunk(b"IDAT", &[]); 100_000];
    only_a_file("png", &with_chunks(&png, &empty)).await;
    only_a_file("gif", &make::gif_of_dots((8, 8), 0, 100_000)).await;
    let jpeg = make::jpeg(&quarters(64, 64));
    let comments = vec![segment(0xFE, &[]); 100_000];
    only_a_file("jpeg", &with_segments(&jpeg, &comments)).await;
    let frames = make::webp_moving(&quarters(8, 8), 20_000);
    only_a_file("webp", &frames).await;
}

#[tokio::test]
async fn a_thousand_scans_are_only_saved() {
    let jpeg = make::jpeg_with(&quarters(64, 64), |it| it.set_progressive(true));
    let scans = jpeg.windows(2).rposition(|it| it == [0xFF, 0xDA]).unwrap();
    let end = jpeg.len() - 2;
    let last = &jpeg[scans..end];
    let bytes = [&jpeg[..end], &last.repeat(1_000), &jpeg[end..]].concat();
    only_a_file("scans", &bytes).await;
}
