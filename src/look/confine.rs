//! The limits that the child sets itself before it reads a byte, and that nothing in it can lift again.

use std::io;

use rlimit::Resource;

/// Address space, in bytes. A picture of 25 megapixels with 16 bits a sample has 200 MB, and 100 MB more
/// while it is brought to 8 bits; the program itself is mapped with some 60 MiB.
const MEMORY: u64 = 512 * 1_024 * 1_024;

/// Time on a core, in seconds: five times what the slowest picture of 25 megapixels takes.
pub(super) const SECONDS: u64 = 10;

/// Bytes of a file for each of which a second is added: what is kept is read to its end and hashed, and the slowest
/// core does several times as many.
const A_SECOND: u64 = 16 * 1_024 * 1_024;

/// Open files: stdin, stdout and stderr, and what the C library looks at.
const FILES: u64 = 8;

/// Added to the niceness: whoever chats comes first.
const NICE: i32 = 10;

/// Seconds on a core that are added for a file of so many bytes.
pub(super) fn more_seconds(length: u64) -> u64 {
    length / A_SECOND
}

/// Limits this process, which looks at a file of so many bytes, for good. It can then write to no file and leaves no core.
///
/// # Errors
/// If a limit cannot be set.
pub(super) fn confine(length: u64) -> io::Result<()> {
    rustix::process::nice(NICE)?;
    let limits = [
        (Resource::AS, MEMORY),
        (Resource::CPU, SECONDS + more_seconds(length)),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_as_much_time_as_it_takes_to_hash() {
        assert_eq!(more_seconds(9_999_999), 0);
        for length in [1 << 30, 1 << 32, 1 << 40] {
            // The slowest core: 32 MiB/s.
            assert!(more_seconds(length) > length / (32 << 20), "{length}");
        }
    }
}
