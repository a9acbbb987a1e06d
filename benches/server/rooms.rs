//! A server of 10,000 rooms and 100,000 members: its start, and what somebody in 200 of the rooms waits
//! for when they come.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::time::Instant;

use teahouse::bench::line::Line;
use teahouse::bench::options::Protocol;

use super::support::{Fixture, median, percentile, scratch, somebody};

const PASSWORD: &str = "a kettle of long words";

/// What is asked of `teahouse demo`.
const LARGE: [&str; 8] = [
    "--rooms",
    "10000",
    "--memberships",
    "100000",
    "--people",
    "5000",
    "--messages",
    "100000",
];

const STARTS: usize = 7;
const PAGES: usize = 100;
const WELCOMES: usize = 200;

/// Runs the bench.
pub fn run() {
    let data = scratch();
    fill(data.path().join("usual").as_path(), &[]);
    let large = data.path().join("large");
    let name = fill(&large, &LARGE);
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let began = Instant::now();
        let house = Fixture::start(&large);
        times.push(began.elapsed().as_secs_f64() * 1e3);
        drop(house);
    }
    println!(
        "start to listening: {:.0} ms (median of {STARTS})",
        median(times)
    );
    let house = Fixture::start(&large);
    let cookie = sign_in(house.address, &name);
    println!(
        "resident with all of it: {:.1} MiB",
        house.resident() as f64 / 1024.0 / 1024.0
    );
    let mut bytes = 0;
    let pages: Vec<f64> = (0..PAGES)
        .map(|_| {
            let began = Instant::now();
            let page = ask(house.address, &format!("GET / HTTP/1.1\r\n{cookie}"), "");
            bytes = page.len();
            began.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    report("GET / to the whole answer", &pages, bytes);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let mut rooms = 0;
    let welcomes: Vec<f64> = (0..WELCOMES)
        .map(|_| {
            runtime.block_on(async {
                let who = somebody(cookie.trim_end().to_owned());
                let mut line = Line::open(house.address, &who, Protocol::Feed)
                    .await
                    .expect("let in");
                let began = Instant::now();
                line.send(r#"{"type":10,"data":{"v":1}}"#)
                    .await
                    .expect("open");
                let welcome = line.expect(11).await.expect("a welcome");
                let took = began.elapsed().as_secs_f64() * 1e3;
                bytes = welcome.len();
                let text = String::from_utf8_lossy(&welcome);
                rooms = text.matches("\"epoch\":").count();
                took
            })
        })
        .collect();
    report("hello to the whole welcome", &welcomes, bytes);
    println!("{rooms} rooms in the welcome");
}

fn report(what: &str, times: &[f64], bytes: usize) {
    println!(
        "{what}: p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms; {bytes} bytes; {} times",
        percentile(times, 50.0),
        percentile(times, 99.0),
        percentile(times, 100.0),
        times.len()
    );
}

/// Fills a server; gives the name of somebody who is in many of its rooms.
pub fn fill(data: &std::path::Path, size: &[&str]) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_teahouse"))
        .args(["demo", "--password-stdin", "--data"])
        .arg(data)
        .args(size)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut input = child.stdin.take().expect("stdin is piped");
    writeln!(input, "{PASSWORD}").expect("it reads");
    drop(input);
    let out = child.wait_with_output().expect("it ends").stdout;
    let out = String::from_utf8_lossy(&out).into_owned();
    println!("{}", out.lines().next().expect("a line"));
    let name = out.split("sign in as ").nth(1).expect("a name");
    name.split(" or ").next().expect("a name").to_owned()
}

/// Signs in; gives the header line with the cookie.
fn sign_in(address: SocketAddr, name: &str) -> String {
    let page = ask(address, "GET / HTTP/1.1\r\n", "");
    let cookie = cookie_of(&page);
    let body = format!("{{\"name\":\"{name}\",\"password\":\"{PASSWORD}\"}}");
    let request = format!(
        "POST /api/v1/session HTTP/1.1\r\n{cookie}Sec-Fetch-Site: same-origin\r\nContent-Type: application/json\r\n"
    );
    let answer = ask(address, &request, &body);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    cookie_of(&answer)
}

fn cookie_of(answer: &str) -> String {
    let line = answer
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: "));
    let pair = line.and_then(|cookie| cookie.split(';').next());
    format!("Cookie: {}\r\n", pair.expect("a cookie"))
}

/// One request with a body, and all of its answer.
fn ask(address: SocketAddr, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("connected");
    let request = format!(
        "{head}Host: {address}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("answered");
    String::from_utf8_lossy(&answer).into_owned()
}
