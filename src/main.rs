//! The `teahouse` program; see the crate `teahouse` for the picture of the house.

use std::process::ExitCode;

/// It gives memory back when a crowd has left; the system's keeps what it was once given
/// (docs/adr/0007).
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    match teahouse::cli::run(teahouse::cli::read()) {
        Ok(()) => {
            teahouse::log::flush();
            ExitCode::SUCCESS
        }
        Err(error) => {
            teahouse::log::last_words(&format!("teahouse: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
