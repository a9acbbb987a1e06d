//! Options of the load tool.

use clap::{Args, ValueEnum};

/// `teahouse bench …`
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// What to measure.
    #[arg(value_enum)]
    pub scenario: Scenario,
    /// The Teahouse to measure, such as http://127.0.0.1:8080. Without it one is started, on a
    /// core of its own, with limits out of the way. Messages are written to it, whatever it is.
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// The process behind --url, if it is on this machine: its CPU time and memory are read.
    #[arg(long, value_name = "PID", requires = "url")]
    pub pid: Option<u32>,
    /// Another node of the server behind --url, for nodes and sign-out; several times for several.
    #[arg(long, value_name = "URL", requires = "url")]
    pub other: Vec<String>,
    /// The processes behind --other, in the same order.
    #[arg(long, value_name = "PID", requires = "other")]
    pub other_pid: Vec<u32>,
    /// Connections: 1,000 if not said otherwise; 8 for post; 100 at each node for nodes; for storm those who come and go,
    /// 9,000; for rolling 2,000; for restart and sign-out 5,000; for capacity the most there will be, as many as the limit of open
    /// files allows.
    #[arg(long, short = 'c', value_name = "N")]
    connections: Option<usize>,
    /// Messages of a round: 400 if not said otherwise; for post enough for some seconds; for
    /// storm those before each storm, 25; for restart 100; for rolling 1,200, one minute; for sign-out the devices, 9; for capacity those of each room, 100.
    #[arg(long, short = 'm', value_name = "N")]
    messages: Option<usize>,
    /// Messages in flight at a time: the next one is sent when everybody has the oldest. 1 if not
    /// said otherwise. For post: sends of each person in flight, and the next one is sent after an
    /// ack; 8. For capacity 4.
    #[arg(long, value_name = "N")]
    window: Option<usize>,
    /// Messages a second over all people, however slowly they are delivered, instead of a window. If not
    /// said otherwise 20 for slow, restart, rolling and nodes, 5 for storm.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub rate: Option<u32>,
    /// Rounds; the figures are medians. 5 if not said otherwise, 3 for the longer ones: storm,
    /// restart and capacity, 1 for ephemeral, sign-out and rolling.
    #[arg(long, value_name = "N")]
    rounds: Option<usize>,
    /// Protocol of the clients.
    #[arg(long, value_enum, default_value_t = Protocol::Feed)]
    pub protocol: Protocol,
    /// Let the server that is started keep its messages on disk, in a temporary directory, as it
    /// does for restart in any case.
    #[arg(long, conflicts_with = "url")]
    pub disk: bool,
    /// Worker threads of the server that is started.
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with = "url")]
    pub workers: usize,
    /// How the server goes down, for restart.
    #[arg(long, value_enum, default_value_t = Signal::Term)]
    pub signal: Signal,
    /// Print JSON instead of a table. Progress goes to the log on stderr in any case.
    #[arg(long)]
    pub json: bool,
    /// Bytes of a frame, for the floor.
    #[arg(long, value_name = "BYTES", default_value_t = 300, hide = true)]
    pub length: usize,
    /// Random nonces for post, instead of ones that grow with time as the page makes them.
    #[arg(long, hide = true)]
    pub random: bool,
}

/// Scenarios.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// How fast people connect, and what a silent connection costs.
    Connect,
    /// What a broadcast costs, how many fit into a second, and how long one takes.
    Fanout,
    /// What those who read notice of a tenth more who never do.
    Slow,
    /// How many sends a second are acked, and how long an ack takes.
    Post,
    /// Many people who connect at once and leave at once, while others talk.
    Storm,
    /// How long each is cut off when the server is restarted.
    Restart,
    /// The largest room in which 95 of 100 deliveries take at most 500 ms.
    Capacity,
    /// What people cost who only read, type, fall idle and come back.
    Ephemeral,
    /// How soon a device is cut off that was signed out elsewhere.
    SignOut,
    /// How much later a message is heard at another node than at its author's, and what it costs the busiest node.
    Nodes,
    /// How long each is cut off, and how often, while the nodes behind --url, a balancer, are restarted by somebody else.
    Rolling,
    /// A bare loop that writes one prepared frame to every socket: what the kernel alone costs.
    Floor,
}

/// Protocol of the clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Protocol {
    /// The classic protocol: types 1 to 6.
    Classic,
    /// The feed: types 10 and up.
    Feed,
}

/// Signal that stops the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Signal {
    /// SIGTERM: it says goodbye.
    Term,
    /// SIGKILL: it does not.
    Kill,
}

impl Options {
    /// Connections, without those that a scenario needs anyway; `most` is what the limit of open
    /// files allows.
    #[must_use]
    pub fn connections(&self, most: usize) -> usize {
        self.connections.unwrap_or(match self.scenario {
            Scenario::Post => 8,
            Scenario::Nodes => 100,
            Scenario::Storm => most.min(9_000),
            Scenario::Rolling => 2_000,
            Scenario::Restart | Scenario::SignOut => 5_000,
            Scenario::Capacity => most,
            _ => 1_000,
        })
    }

    /// Whether [`Options::connections`] was given on the command line.
    #[must_use]
    pub fn asks_for_connections(&self) -> bool {
        self.connections.is_some()
    }

    /// Messages per round.
    #[must_use]
    pub fn messages(&self) -> usize {
        self.messages.unwrap_or(match (self.scenario, self.rate) {
            (Scenario::Post, Some(rate)) => rate as usize * 4,
            (Scenario::Post, None) => 80_000,
            (Scenario::Storm, _) => 25,
            (Scenario::Rolling, _) => 1_200,
            (Scenario::SignOut, _) => 9,
            (Scenario::Restart | Scenario::Capacity, _) => 100,
            _ => 400,
        })
    }

    /// Messages in flight at a time.
    #[must_use]
    pub fn window(&self) -> usize {
        let usual = match self.scenario {
            Scenario::Post => 8,
            Scenario::Capacity => 4,
            _ => 1,
        };
        self.window.unwrap_or(usual).max(1)
    }

    /// Number of rounds.
    #[must_use]
    pub fn rounds(&self) -> usize {
        self.rounds.unwrap_or(match self.scenario {
            Scenario::Storm | Scenario::Restart | Scenario::Capacity => 3,
            Scenario::Ephemeral | Scenario::SignOut | Scenario::Rolling => 1,
            _ => 5,
        })
    }
}
