fn main() -> ::std::process::ExitCode {
    async fn main() -> std::io::Result<()> {
        println!("this is the program, not one of its nodes");
        Ok(())
    }
    if let ::core::option::Option::Some(code) = ::noob_zmq::node_process() {
        return code;
    }
    <std::io::Result<
        (),
    > as ::std::process::Termination>::report(
        ::noob_zmq::__private::block_on_main(main()),
    )
}
