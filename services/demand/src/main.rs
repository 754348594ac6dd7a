//! The process of the service `demand`.

fn main() -> std::process::ExitCode {
    platform::service::main(demand::NAME, demand::run)
}
