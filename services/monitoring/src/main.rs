//! The process of the service `monitoring`.

fn main() -> std::process::ExitCode {
    platform::service::main(monitoring::NAME, monitoring::run)
}
