//! What can be asked of the load tool.

use clap::{Args, ValueEnum};

/// `teahouse bench …`
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// What to measure.
    #[arg(value_enum)]
    pub scenario: Scenario,
    /// The Teahouse to measure, such as http://127.0.0.1:8080. Without it one is started, on a
    /// core of its own, with limits out of the way. Whatever is there is written to.
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// The process behind --url, if it is on this machine: its CPU time and memory are read.
    #[arg(long, value_name = "PID", requires = "url")]
    pub pid: Option<u32>,
    /// Connections.
    #[arg(long, short = 'c', value_name = "N", default_value_t = 1_000)]
    pub connections: usize,
    /// Messages of a round.
    #[arg(long, short = 'm', value_name = "N", default_value_t = 400)]
    pub messages: usize,
    /// Messages on the way at a time: the next one leaves when everybody has the oldest.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub window: usize,
    /// Messages a second, whatever becomes of them, instead of a window.
    #[arg(long, value_name = "N")]
    pub rate: Option<u32>,
    /// Rounds; the figures are medians.
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub rounds: usize,
    /// What the clients speak.
    #[arg(long, value_enum, default_value_t = Protocol::Feed)]
    pub protocol: Protocol,
    /// Let the server that is started keep its messages on disk, in a temporary directory.
    #[arg(long, conflicts_with = "url")]
    pub disk: bool,
    /// Workers of the server that is started.
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with = "url")]
    pub workers: usize,
    /// Print JSON instead of a table.
    #[arg(long)]
    pub json: bool,
    /// Bytes of a frame, for the floor.
    #[arg(long, value_name = "BYTES", default_value_t = 300, hide = true)]
    pub length: usize,
}

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// How fast people come in, and what one who is silent costs.
    Connect,
    /// What it costs to tell everybody, how fast it can be done, and how long it takes.
    Fanout,
    /// What those who read feel of a tenth more who never do.
    Slow,
    /// A bare loop that writes one prepared frame to every socket: what the kernel alone costs.
    Floor,
}

/// What clients speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Protocol {
    /// Types 1 to 6.
    Classic,
    /// Types 10 and up.
    Feed,
}
