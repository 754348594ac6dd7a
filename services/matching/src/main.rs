//! The process of the matching service.

fn main() -> std::process::ExitCode {
    platform::service::main(matching::NAME, matching::run)
}
