//! Nodes whose values a page draws: pictures, a table, and numbers.

use noob_zmq::graph::{Bytes, Tensor};
use noob_zmq::node;
use noob_zmq::node::NodeError;

/// Height and width of a picture.
pub const SIZE: [usize; 2] = [72, 96];

/// A strip of a picture.
#[derive(Debug, Clone, serde::Deserialize, serde::Serialize)]
pub struct Strip {
    /// The place, from left to right.
    pub place: u64,
    /// The mean brightness, from 0 to 255.
    pub light: f64,
    /// A word for the brightness.
    pub word: String,
}

/// A picture in red, green and blue: a disc that moves over a slope of colours.
#[node(name = "test.picture")]
pub fn picture(number: i64) -> Tensor {
    let [height, width] = SIZE;
    let turn = number as f64 / 20.0;
    let (x, y) = (
        width as f64 * (0.5 + 0.35 * turn.sin()),
        height as f64 * (0.5 + 0.3 * turn.cos()),
    );
    let mut data = Vec::with_capacity(3 * height * width);
    for row in 0..height {
        for column in 0..width {
            let inside = (column as f64 - x).hypot(row as f64 - y) < 14.0;
            let slope = [255 * column / width, 255 * row / height, 96];
            let colour = slope.map(|part| if inside { 235 } else { part as u8 });
            data.extend(colour);
        }
    }
    Tensor {
        dtype: "|u1".into(),
        shape: [height as u64, width as u64, 3].into(),
        data: Bytes::from(data),
    }
}

/// Pictures without end.
#[node(name = "test.camera")]
pub fn camera() -> impl Iterator<Item = Tensor> {
    (0..).map(picture)
}

/// The number of points of a picture, after a time for each.
#[node(name = "test.preview")]
pub fn preview(picture: Tensor, ms: u64) -> u64 {
    std::thread::sleep(std::time::Duration::from_millis(ms));
    picture.shape.iter().take(2).product()
}

/// The upright strips of a picture.
#[node(name = "test.strips")]
pub fn strips(picture: Tensor, n: usize) -> Result<Vec<Strip>, NodeError> {
    let [height, width] = SIZE;
    if picture.data.len() != 3 * height * width || n == 0 {
        return Err(NodeError::new("no picture of this size"));
    }
    let strip = |place: usize| {
        let bytes = picture.data.iter().enumerate();
        let own = bytes.filter(|(at, _)| (at / 3) % width * n / width == place);
        let (sum, count) = own.fold((0.0, 0.0), |(sum, count), (_, byte)| {
            (sum + f64::from(*byte), count + 1.0)
        });
        let light = sum / f64::max(count, 1.0);
        Strip {
            place: place as u64,
            light,
            word: if light > 120.0 { "light" } else { "dark" }.to_owned(),
        }
    };
    Ok((0..n).map(strip).collect())
}

/// The brightness of a strip, after a time for each; tells it on the output of its process.
#[node(name = "test.weigh")]
pub fn weigh(strip: Strip, ms: u64) -> f64 {
    std::thread::sleep(std::time::Duration::from_millis(ms));
    println!("strip {} is {}", strip.place, strip.word);
    strip.light
}
