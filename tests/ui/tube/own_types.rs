//! Types of the program whose values do not go into each other.
#![allow(unused)]

#[derive(serde::Serialize, serde::Deserialize)]
struct Picture(Vec<u8>);

#[derive(serde::Serialize, serde::Deserialize)]
struct Page {
    text: String,
}

#[noob_zmq::node(name = "camera.take")]
fn take(size: usize) -> impl Iterator<Item = Picture> {
    std::iter::repeat_with(move || Picture(vec![0; size]))
}

#[noob_zmq::node(name = "camera.show")]
fn show(page: Page) -> String {
    page.text
}

fn main() {
    noob_zmq::tube!(
        "own_types.yaml",
        nodes = {"camera.take" => take, "camera.show" => show},
    );
}
