fn main() -> ::std::process::ExitCode {
    async fn main() -> std::io::Result<()> {
        println!("this is the program, not one of its nodes");
        Ok(())
    }
    if let ::core::option::Option::Some(code) = ::noob_zmq::node_process() {
        return code;
    }
    ::noob_zmq::__private::block_on_main::<std::io::Result<()>, _>(main())
}
