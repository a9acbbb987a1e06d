//! The `teahouse` program; see the crate `teahouse` for the overview.

use std::process::ExitCode;

/// jemalloc returns memory after many clients have left; the system's allocator keeps it
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
