//! The process of the placement service.

fn main() -> std::process::ExitCode {
    platform::service::main(placement::NAME, placement::run)
}
