#[noob_zmq::main]
async fn main() -> std::io::Result<()> {
    println!("this is the program, not one of its nodes");
    Ok(())
}
