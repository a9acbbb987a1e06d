//! A program beside the server, such as NATS. It ends with the process that started it, however that ends: a shell waits at
//! the end of a pipe that the kernel closes, then kills it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// Starts the program that follows, says its process id, and kills it when whoever started this has ended.
const KEEPER: &str = r#"
trap '' INT HUP PIPE
"$@" </dev/null >/dev/null 2>&1 &
echo $!
exec >/dev/null
read -r _
kill -KILL $! 2>/dev/null
"#;

/// A program that runs. Killed with this value.
#[derive(Debug)]
pub struct Kept {
    keeper: Child,
    /// Its process id.
    pub pid: String,
}

impl Kept {
    /// Starts a program with its arguments.
    pub fn start(program: &Command) -> Self {
        let mut keeper = Command::new("sh");
        keeper
            .args(["-c", KEEPER, "keeper"])
            .arg(program.get_program())
            .args(program.get_args())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut keeper = keeper.spawn().unwrap();
        let mut pid = String::new();
        let said = keeper.stdout.take().unwrap();
        BufReader::new(said).read_line(&mut pid).unwrap();
        let pid = pid.trim().to_owned();
        Self { keeper, pid }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ended = self.keeper.wait();
    }
}
