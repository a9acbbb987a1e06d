//! The limits that the child sets itself before it reads a byte, and that nothing in it can lift again.

use std::io;

use rlimit::Resource;

/// Address space, in bytes. A picture of 25 megapixels with 16 bits a sample has 200 MB, and 100 MB more
/// while it is brought to 8 bits; the program itself is mapped with some 60 MiB.
const MEMORY: u64 = 512 * 1_024 * 1_024;

/// Time on a core, in seconds: five times what the slowest picture of 25 megapixels takes.
const SECONDS: u64 = 10;

/// Open files: stdin, stdout and stderr, and what the C library looks at.
const FILES: u64 = 8;

/// Added to the niceness: whoever chats comes first.
const NICE: i32 = 10;

/// Limits this process for good. It can then write to no file and leaves no core.
///
/// # Errors
/// If a limit cannot be set.
pub(super) fn confine() -> io::Result<()> {
    rustix::process::nice(NICE)?;
    let limits = [
        (Resource::AS, MEMORY),
        (Resource::CPU, SECONDS),
        (Resource::FSIZE, 0),
        (Resource::NOFILE, FILES),
        (Resource::CORE, 0),
    ];
    for (resource, most) in limits {
        // Where the operator has set less, that holds.
        let (_soft, hard) = rlimit::getrlimit(resource)?;
        let most = most.min(hard);
        rlimit::setrlimit(resource, most, most)?;
    }
    Ok(())
}
