fn main() -> std::process::ExitCode {
    platform::service::main(candidate::NAME, candidate::run)
}
