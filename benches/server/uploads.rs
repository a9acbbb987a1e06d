//! Files that come in: how fast, beside what the disk alone takes; what that costs in memory; how soon the
//! thumbnail of a photo is there; and what others notice of it.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::support::{Fixture, median, percentile, scratch};

const MIB: usize = 1 << 20;

/// Bytes that a client writes at a time.
const CHUNK: usize = 256 * 1024;

/// Rounds of each figure.
const ROUNDS: usize = 5;

/// The same where each takes a minute.
const TURNS: usize = 3;

/// Photos whose first thumbnail is waited for, one after another.
const PHOTOS: usize = 20;

/// A camera's 12 MP.
const PHOTO: (u16, u16) = (4000, 3000);

/// Uploads that others are to notice nothing of, and how fast each is, in bytes a second.
const BESIDE: usize = 20;
const SPEED: usize = 5_000_000;

/// Photos that are looked at meanwhile.
const TEN: usize = 10;

/// What takes uploads out of their limits.
const SETTINGS: [(&str, &str); 6] = [
    ("TEAHOUSE__UPLOADS__WHO", "everybody"),
    ("TEAHOUSE__UPLOADS__SPEED", "0"),
    ("TEAHOUSE__UPLOADS__QUOTA", "0"),
    ("TEAHOUSE__UPLOADS__FILE_BYTES", "1 GiB"),
    ("TEAHOUSE__UPLOADS__SPARE", "0"),
    ("TEAHOUSE__LIMITS__CONNECTIONS", "0"),
];

/// Runs the bench.
pub fn run() {
    throughput(1, 512 * MIB);
    throughput(20, 50 * MIB);
    memory();
    thumbnails();
    others();
}

fn start(data: &Path) -> Fixture {
    Fixture::with(data, &SETTINGS)
}

/// So many uploads at once of so many bytes, and the same files written without a server, in turns.
fn throughput(uploads: usize, bytes: usize) {
    let (mut fast, mut ratios) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let data = scratch();
        let disk = at_once(uploads, |number| {
            let mut file = File::create(data.path().join(number.to_string())).expect("a file");
            for _ in 0..bytes / CHUNK {
                file.write_all(&[7; CHUNK]).expect("room on the disk");
            }
            file.sync_all().expect("on disk");
        });
        drop(data);
        let data = scratch();
        let server = start(data.path());
        let address = server.address;
        let people: Vec<Uploader> = (0..uploads).map(|_| Uploader::new(address)).collect();
        let took = at_once(uploads, |number| {
            let id = people[number].announces("a.bin", bytes);
            people[number].brings(&id, &vec![7; bytes], None);
        });
        let speed = |took: Duration| (uploads * bytes) as f64 / took.as_secs_f64() / 1e6;
        fast.push(speed(took));
        ratios.push(speed(took) / speed(disk));
    }
    println!(
        "{uploads} uploads of {} MiB at once: {:.0} MB/s, {:.2} of what the disk alone takes",
        bytes / MIB,
        median(fast),
        median(ratios)
    );
}

/// What 32 uploads at once take beside an idle server.
fn memory() {
    let mut more = Vec::new();
    for _ in 0..ROUNDS {
        let data = scratch();
        let server = start(data.path());
        let people: Vec<Uploader> = (0..32).map(|_| Uploader::new(server.address)).collect();
        server.forget_peak();
        let before = server.resident();
        let bytes = vec![7; 20 * MIB];
        at_once(32, |number| {
            let id = people[number].announces("a.bin", bytes.len());
            people[number].brings(&id, &bytes, None);
        });
        more.push((server.peak() - before) as f64 / MIB as f64);
    }
    println!(
        "32 uploads at once: {:.1} MiB more memory at most",
        median(more)
    );
}

/// From the last byte of a photo to its thumbnail.
fn thumbnails() {
    let data = scratch();
    let server = start(data.path());
    let photo = photo();
    let one = |_: usize| {
        let person = Uploader::new(server.address);
        let id = person.announces("a.jpg", photo.len());
        let last = person.brings(&id, &photo, None);
        person.is_ready(&id);
        last.elapsed().as_secs_f64() * 1e3
    };
    let times: Vec<f64> = (0..PHOTOS).map(one).collect();
    println!(
        "a photo of {} by {} pixels, {:.1} MB, from its last byte to its thumbnail: p50 {:.0} ms, longest {:.0} ms",
        PHOTO.0,
        PHOTO.1,
        photo.len() as f64 / 1e6,
        percentile(&times, 50.0),
        percentile(&times, 100.0)
    );
    let ten: Vec<f64> = thread::scope(|scope| {
        let threads: Vec<_> = (0..10)
            .map(|number| scope.spawn(move || one(number)))
            .collect();
        let all = threads.into_iter();
        all.map(|thread| thread.join().expect("no panic")).collect()
    });
    println!(
        "ten of them at once: the last after {:.0} ms",
        percentile(&ten, 100.0)
    );
}

/// How long messages take to all of a thousand people, with and without uploads and photos beside them, in turns.
fn others() {
    let data = scratch();
    let server = start(data.path());
    let photo = photo();
    let both = format!(
        "{BESIDE} uploads of {} MB/s and {TEN} photos",
        SPEED / 1_000_000
    );
    let loads = [
        ("uploads alone", BESIDE, 0),
        ("photos alone", 0, TEN),
        (&*both, BESIDE, TEN),
    ];
    let mut quiet = Vec::new();
    let mut beside = [const { Vec::new() }; 3];
    for _ in 0..TURNS {
        for ((_, uploads, photos), found) in loads.iter().zip(&mut beside) {
            let before = fanout(&server);
            let during = busy(&server, *uploads, *photos, &photo);
            quiet.push(before);
            found.push((during, during / before));
        }
    }
    println!("a message to all of 1,000, p99: {:.1} ms", median(quiet));
    for ((what, ..), found) in loads.iter().zip(&beside) {
        println!(
            "  beside {what}: {:.1} ms, {:.2} times",
            median(found.iter().map(|found| found.0).collect()),
            median(found.iter().map(|found| found.1).collect())
        );
    }
}

/// The same p99 while so many upload, and so many have sent a photo.
fn busy(server: &Fixture, uploads: usize, photos: usize, photo: &[u8]) -> f64 {
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..uploads {
            scope.spawn(|| {
                let person = Uploader::new(server.address);
                let bytes = vec![7; 20 * MIB];
                while !over.load(Ordering::Relaxed) {
                    let id = person.announces("a.bin", bytes.len());
                    person.brings(&id, &bytes, Some((SPEED, &over)));
                }
            });
        }
        for _ in 0..photos {
            scope.spawn(|| {
                let person = Uploader::new(server.address);
                let id = person.announces("a.jpg", photo.len());
                person.brings(&id, photo, None);
                person.is_ready(&id);
            });
        }
        let found = fanout(server);
        over.store(true, Ordering::Relaxed);
        found
    })
}

/// The p99 in ms from saying to hearing, for 1,000 people.
fn fanout(server: &Fixture) -> f64 {
    let url = format!("http://{}", server.address);
    let out = Command::new(env!("CARGO_BIN_EXE_teahouse"))
        .args(["bench", "fanout", "--rounds", "1", "--messages", "200"])
        .args(["--rate", "20", "--json", "--url", &url])
        .args(["--pid", &server.pid().to_string()])
        .stderr(Stdio::null())
        .output()
        .expect("the tool runs");
    let report: Value = serde_json::from_slice(&out.stdout).expect("a report");
    let found = find(&report, "p99_ms").and_then(Value::as_f64);
    found.expect("a p99")
}

/// The value of a name, wherever it is.
fn find<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    match value {
        Value::Object(map) => map
            .get(name)
            .or_else(|| map.values().find_map(|each| find(each, name))),
        Value::Array(list) => list.iter().find_map(|each| find(each, name)),
        _ => None,
    }
}

fn at_once(threads: usize, work: impl Fn(usize) + Sync) -> Duration {
    let began = Instant::now();
    thread::scope(|scope| {
        for number in 0..threads {
            let work = &work;
            scope.spawn(move || work(number));
        }
    });
    began.elapsed()
}

/// Leaves, sky and noise, as cameras write them.
fn photo() -> Vec<u8> {
    let (width, height) = (usize::from(PHOTO.0), usize::from(PHOTO.1));
    let mut pixels = Vec::with_capacity(width * height * 3);
    let mut noise: u32 = 1;
    for y in 0..height {
        for x in 0..width {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let grain = (noise >> 29) as usize;
            let leaf = ((x / 7) ^ (y / 5)) % 64;
            for base in [x * 120 / width, y * 160 / height, 60] {
                pixels.push((base + leaf + grain) as u8);
            }
        }
    }
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 90);
    encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::R_4_2_0);
    let encoded = encoder.encode(&pixels, PHOTO.0, PHOTO.1, jpeg_encoder::ColorType::Rgb);
    encoded.expect("a picture");
    bytes
}

/// A person who uploads.
struct Uploader {
    address: SocketAddr,
    cookie: String,
}

/// What a server answered.
struct Answer {
    head: String,
    body: Vec<u8>,
}

impl Uploader {
    fn new(address: SocketAddr) -> Self {
        let mut new = Self {
            address,
            cookie: String::new(),
        };
        let answer = new.asks("GET / HTTP/1.1", "", &[]);
        let set = answer
            .head
            .lines()
            .find_map(|line| line.strip_prefix("set-cookie: "));
        let cookie = set.and_then(|set| set.split(';').next()).expect("a cookie");
        new.cookie = format!("Cookie: {cookie}\r\n");
        new
    }

    fn line(&self) -> TcpStream {
        let line = TcpStream::connect(self.address).expect("the server listens");
        line.set_nodelay(true).expect("a socket");
        line
    }

    fn asks(&self, request: &str, headers: &str, body: &[u8]) -> Answer {
        let mut line = self.line();
        let head = self.head(request, headers, body.len());
        line.write_all(head.as_bytes()).expect("taken");
        line.write_all(body).expect("taken");
        Answer::of(&line)
    }

    fn head(&self, request: &str, headers: &str, length: usize) -> String {
        format!(
            "{request}\r\nHost: {}\r\nTus-Resumable: 1.0.0\r\nSec-Fetch-Site: same-origin\r\n\
             Content-Length: {length}\r\n{}{headers}\r\n",
            self.address, self.cookie
        )
    }

    /// The id of a new upload.
    fn announces(&self, name: &str, bytes: usize) -> String {
        use base64::Engine;
        let name = base64::engine::general_purpose::STANDARD.encode(name);
        let headers = format!("Upload-Length: {bytes}\r\nUpload-Metadata: filename {name}\r\n");
        let answer = self.asks("POST /api/v1/uploads HTTP/1.1", &headers, &[]);
        let place = answer
            .head
            .lines()
            .find_map(|line| line.strip_prefix("location: "));
        let id = place.and_then(|place| place.rsplit('/').next());
        id.expect("the place of an upload").to_owned()
    }

    /// Brings all bytes, at this many a second at most and until it is told to end; gives when the last
    /// one was written.
    fn brings(&self, id: &str, bytes: &[u8], slowly: Option<(usize, &AtomicBool)>) -> Instant {
        let mut line = self.line();
        let headers = "Upload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\n";
        let request = format!("PATCH /api/v1/uploads/{id} HTTP/1.1");
        let head = self.head(&request, headers, bytes.len());
        line.write_all(head.as_bytes()).expect("taken");
        let began = Instant::now();
        for (number, chunk) in bytes.chunks(CHUNK).enumerate() {
            if let Some((speed, over)) = slowly {
                if over.load(Ordering::Relaxed) {
                    return Instant::now();
                }
                let due = Duration::from_secs_f64((number * CHUNK) as f64 / speed as f64);
                thread::sleep(due.saturating_sub(began.elapsed()));
            }
            line.write_all(chunk).expect("taken");
        }
        let last = Instant::now();
        let answer = Answer::of(&line);
        assert!(answer.head.contains(" 204 "), "{}", answer.head);
        last
    }

    fn is_ready(&self, id: &str) {
        let request = format!("GET /api/v1/uploads/{id}?wait=20 HTTP/1.1");
        let answer = self.asks(&request, "", &[]);
        let upload: Value = serde_json::from_slice(&answer.body).expect("JSON");
        assert_eq!(upload["state"], "ready", "{upload}");
    }
}

impl Answer {
    fn of(line: &TcpStream) -> Self {
        let mut reader = BufReader::new(line);
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut row = String::new();
            let read = reader.read_line(&mut row).expect("an answer");
            let row = row.trim_end().to_owned();
            if read == 0 || row.is_empty() {
                break;
            }
            let (name, value) = row.split_once(": ").unwrap_or((&row, ""));
            let name = name.to_ascii_lowercase();
            if name == "content-length" {
                length = value.parse().expect("a number");
            }
            head.push_str(&format!("{name}: {value}\n"));
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("the body");
        Self { head, body }
    }
}
