use noob_zmq::node;

/// The first line that a server says.
#[node]
async fn greeting(address: String) -> std::io::Result<String> {
    let _ = address;
    Ok(String::from("hello"))
}
