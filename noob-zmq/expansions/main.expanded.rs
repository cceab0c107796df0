fn main() -> ::std::process::ExitCode {
    async fn main() -> std::io::Result<()> {
        println!("this is the program, not one of its nodes");
        Ok(())
    }
    if let ::core::option::Option::Some(__code) = ::noob_zmq::node_process() {
        return __code;
    }
    #[allow(unused_imports)]
    use ::noob_zmq::__private::{ErrorMain as _, PlainMain as _};
    ::noob_zmq::__private::want_default_log();
    match ::noob_zmq::__private::MainReport::block_on(
        main(),
        <std::io::Result<()> as ::std::process::Termination>::report,
    ) {
        ::core::result::Result::Ok(__main) => __main.report(),
        ::core::result::Result::Err(__code) => __code,
    }
}
