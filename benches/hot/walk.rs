//! A hub's walk past its wires: what the table costs by itself, and with the kernel.

use std::io::Read;
use std::net;
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use criterion::{Criterion, Throughput};
use teahouse::delivery::{AfterSend, Deliver, Dialect, EncodedFrames, RoomBroadcast, Unicast};
use teahouse::model::room_id::RoomId;
use teahouse::realtime::client_writer::ClientWriter;
use teahouse::realtime::delivery_queue::DeliveryQueue;
use teahouse::realtime::subscriptions::Subscriptions;
use tokio::net::TcpStream;

const WIRES: usize = 200;

/// Times a delivery to all, which says nothing to them or 130 bytes.
pub fn bench(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let _entered = runtime.enter();
    let wires = Subscriptions::new(0);
    let mut outbox = DeliveryQueue::new(Rc::clone(&wires));
    let mut clients: Vec<net::TcpStream> = (0..WIRES).map(|_| join(&wires, &mut outbox)).collect();
    let mut group = criterion.benchmark_group("walk");
    group.throughput(Throughput::Elements(WIRES as u64));
    let frame = Bytes::from(vec![b'x'; 130]);
    for (name, frames) in [
        (
            "past 200 wires",
            EncodedFrames {
                classic: frame.clone(),
                ..EncodedFrames::default()
            },
        ),
        (
            "130 bytes to 200 wires",
            EncodedFrames {
                feed: frame,
                ..EncodedFrames::default()
            },
        ),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|times| {
                let bytes = frames.feed.len();
                let mut took = Duration::ZERO;
                for _ in 0..times {
                    let room = RoomId(1);
                    let frames = frames.clone();
                    let broadcasts = vec![RoomBroadcast { room, frames }];
                    let unicasts = Vec::new();
                    let began = Instant::now();
                    outbox.put(Deliver {
                        broadcasts,
                        unicasts,
                    });
                    while outbox.step(256) {}
                    took += began.elapsed();
                    let mut heard = vec![0; bytes];
                    for client in &mut clients {
                        client.read_exact(&mut heard).unwrap();
                    }
                }
                took
            });
        });
    }
    group.finish();
}

/// One more wire that hears the feed; gives the client's end.
fn join(wires: &Subscriptions, outbox: &mut DeliveryQueue) -> net::TcpStream {
    let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
    let client = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (server, _) = listener.accept().unwrap();
    server.set_nonblocking(true).unwrap();
    let wire = ClientWriter::new(TcpStream::from_std(server).unwrap());
    let unicast = Unicast {
        to: wires.add(wire),
        frames: Bytes::new(),
        after: AfterSend::Subscribe(Dialect::Feed, Some(RoomId(1))),
    };
    outbox.put(Deliver {
        broadcasts: Vec::new(),
        unicasts: vec![unicast],
    });
    outbox.step(1);
    client
}
