//! The `teahouse` program; see the crate `teahouse` for the picture of the house.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match teahouse::cli::run(teahouse::cli::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("teahouse: {error:#}");
            ExitCode::FAILURE
        }
    }
}
