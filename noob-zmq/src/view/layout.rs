//! Layered layout of a directed graph.
//!
//! The steps are those of Sugiyama, Tagawa and Toda, "Methods for Visual Understanding of
//! Hierarchical System Structures" (1981): each box gets a layer, edges that cross layers get a
//! waypoint in each, layers are ordered by barycenters so that few edges cross, and the places in a
//! layer follow from the neighbours (isotonic regression by pooling adjacent violators, which keeps
//! order and distances). Layers are columns from left to right.

/// Horizontal distance of two layers, unless more room is wanted.
pub(super) const LAYER_GAP: f64 = 72.0;
/// Vertical distance of two boxes.
const BOX_GAP: f64 = 24.0;
/// Height that an edge takes in a layer that it crosses.
const WAYPOINT_HEIGHT: f64 = 4.0;
/// Number of times that the layers are ordered, and that their boxes are placed.
const SWEEPS: usize = 12;

/// Box to be placed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Edge from the right side of a box to the left side of another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    pub(super) from: usize,
    /// Distance of its start from the upper side of the box.
    pub(super) from_y: f64,
    pub(super) to: usize,
    /// Distance of its end from the upper side of the box.
    pub(super) to_y: f64,
}

/// Point of a picture; `y` points down.
pub(super) type Point = (f64, f64);

/// Places of boxes and routes of edges.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Arrangement {
    /// Upper left corner of each box.
    pub(super) places: Vec<Point>,
    /// Points of each edge: pairs between which it is straight, with a curve from pair to pair.
    pub(super) routes: Vec<Vec<Point>>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// Box, or waypoint of an edge.
#[derive(Debug, Clone, Copy)]
struct Vertex {
    layer: usize,
    width: f64,
    height: f64,
    /// Upper side.
    y: f64,
}

/// Piece of an edge between neighbouring layers, with its distances from the upper sides.
#[derive(Debug, Clone, Copy)]
struct Segment {
    from: usize,
    from_y: f64,
    to: usize,
    to_y: f64,
}

/// Pieces of all edges, by the box or waypoint at either end.
#[derive(Debug, Default)]
struct Segments {
    incoming: Vec<Vec<Segment>>,
    outgoing: Vec<Vec<Segment>>,
}

impl Segments {
    fn add(&mut self, segment: Segment) {
        let vertices = self.incoming.len().max(segment.from.max(segment.to) + 1);
        self.incoming.resize_with(vertices, Vec::new);
        self.outgoing.resize_with(vertices, Vec::new);
        self.incoming[segment.to].push(segment);
        self.outgoing[segment.from].push(segment);
    }

    fn to(&self, vertex: usize) -> &[Segment] {
        self.incoming.get(vertex).map_or(&[], Vec::as_slice)
    }

    fn from(&self, vertex: usize) -> &[Segment] {
        self.outgoing.get(vertex).map_or(&[], Vec::as_slice)
    }
}

/// Places boxes in layers, so that edges go from left to right where the graph has no cycle.
///
/// `gap` is the horizontal distance of two layers.
pub(super) fn arrange(items: &[Item], links: &[Link], gap: f64) -> Arrangement {
    let ranks = ranks(items.len(), links);
    let mut vertices: Vec<Vertex> = items
        .iter()
        .zip(&ranks)
        .map(|(item, &layer)| Vertex {
            layer,
            width: item.width,
            height: item.height,
            y: 0.0,
        })
        .collect();
    let mut segments = Segments::default();
    let waypoints: Vec<Vec<usize>> = links
        .iter()
        .map(|link| add_segments(link, &ranks, &mut vertices, &mut segments))
        .collect();
    let mut layers = vec![Vec::new(); ranks.iter().max().map_or(0, |last| last + 1)];
    for (vertex, at) in vertices.iter().enumerate() {
        layers[at.layer].push(vertex);
    }
    order(&mut layers, &segments, vertices.len());
    place(&layers, &segments, &mut vertices);

    let widths: Vec<f64> = layers
        .iter()
        .map(|layer| {
            layer
                .iter()
                .map(|&at| vertices[at].width)
                .fold(0.0, f64::max)
        })
        .collect();
    let mut x = 0.0;
    let lefts: Vec<f64> = widths
        .iter()
        .map(|width| before(&mut x, width + gap))
        .collect();
    let routes = links.iter().zip(&waypoints).map(|(link, waypoints)| {
        let (from, to) = (&vertices[link.from], &vertices[link.to]);
        let mut route = vec![
            (lefts[from.layer] + from.width, from.y + link.from_y),
            (lefts[from.layer] + widths[from.layer], from.y + link.from_y),
        ];
        for &waypoint in waypoints {
            let Vertex { layer, y, .. } = vertices[waypoint];
            let y = y + WAYPOINT_HEIGHT / 2.0;
            route.extend([(lefts[layer], y), (lefts[layer] + widths[layer], y)]);
        }
        route.extend([(lefts[to.layer], to.y + link.to_y); 2]);
        route
    });
    Arrangement {
        routes: routes.collect(),
        places: vertices[..items.len()]
            .iter()
            .map(|vertex| (lefts[vertex.layer], vertex.y))
            .collect(),
        width: (x - gap).max(0.0),
        height: vertices
            .iter()
            .map(|vertex| vertex.y + vertex.height)
            .fold(0.0, f64::max),
    }
}

/// Returns the layer of each box: behind all that feed it, where a source is close to its readers.
fn ranks(count: usize, links: &[Link]) -> Vec<usize> {
    let mut ranks: Vec<Option<usize>> = vec![None; count];
    let others = || links.iter().filter(|link| link.from != link.to);
    let mut waits = vec![0_usize; count];
    for link in others() {
        waits[link.to] += 1;
    }
    for _ in 0..count {
        let mut open = (0..count).filter(|&item| ranks[item].is_none());
        // In a cycle every box waits: the first one begins it.
        let next = open
            .clone()
            .find(|&item| waits[item] == 0)
            .or_else(|| open.next());
        let Some(next) = next else { break };
        let feeders = links.iter().filter(|link| link.to == next);
        let last = feeders.filter_map(|link| ranks[link.from]).max();
        ranks[next] = Some(last.map_or(0, |last| last + 1));
        for link in others().filter(|link| link.from == next) {
            waits[link.to] = waits[link.to].saturating_sub(1);
        }
    }
    let mut ranks: Vec<usize> = ranks.into_iter().map(Option::unwrap_or_default).collect();
    for item in 0..count {
        if links.iter().all(|link| link.to != item) {
            let readers = links.iter().filter(|link| link.from == item);
            let first = readers.map(|link| ranks[link.to]).min();
            ranks[item] = first.map_or(0, |first| first.saturating_sub(1));
        }
    }
    ranks
}

/// Divides an edge into pieces between neighbouring layers, and returns its waypoints.
///
/// An edge that goes back, in a cycle, has no pieces.
fn add_segments(
    link: &Link,
    ranks: &[usize],
    vertices: &mut Vec<Vertex>,
    segments: &mut Segments,
) -> Vec<usize> {
    let (first, last) = (ranks[link.from], ranks[link.to]);
    if first >= last {
        return Vec::new();
    }
    let mut waypoints = Vec::new();
    let (mut from, mut from_y) = (link.from, link.from_y);
    for layer in first + 1..last {
        let waypoint = vertices.len();
        vertices.push(Vertex {
            layer,
            width: 0.0,
            height: WAYPOINT_HEIGHT,
            y: 0.0,
        });
        let to_y = WAYPOINT_HEIGHT / 2.0;
        segments.add(Segment {
            from,
            from_y,
            to: waypoint,
            to_y,
        });
        (from, from_y) = (waypoint, to_y);
        waypoints.push(waypoint);
    }
    segments.add(Segment {
        from,
        from_y,
        to: link.to,
        to_y: link.to_y,
    });
    waypoints
}

/// Orders the boxes of each layer so that few edges cross.
fn order(layers: &mut [Vec<usize>], segments: &Segments, count: usize) {
    let mut best = (crossings(layers, segments, count), layers.to_vec());
    for sweep in 0..SWEEPS {
        let mut positions = positions(layers, count);
        let forward = sweep % 2 == 0;
        let mut range: Vec<usize> = (0..layers.len()).collect();
        if !forward {
            range.reverse();
        }
        for layer in range {
            let center = |vertex: usize| {
                // The place on the side of a box decides between edges to one box.
                let place = |end: usize, y: f64| positions[end] as f64 + y / 1e4;
                let center = if forward {
                    let segments = segments.to(vertex).iter();
                    mean(segments.map(|segment| place(segment.from, segment.from_y)))
                } else {
                    let segments = segments.from(vertex).iter();
                    mean(segments.map(|segment| place(segment.to, segment.to_y)))
                };
                center.unwrap_or(positions[vertex] as f64)
            };
            let mut sorted: Vec<(f64, usize)> =
                layers[layer].iter().map(|&at| (center(at), at)).collect();
            sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
            layers[layer] = sorted.into_iter().map(|(_, at)| at).collect();
            for (position, &at) in layers[layer].iter().enumerate() {
                positions[at] = position;
            }
        }
        let crossings = crossings(layers, segments, count);
        if crossings < best.0 {
            best = (crossings, layers.to_vec());
        }
    }
    layers.clone_from_slice(&best.1);
}

fn positions(layers: &[Vec<usize>], count: usize) -> Vec<usize> {
    let mut positions = vec![0; count];
    for layer in layers {
        for (position, &vertex) in layer.iter().enumerate() {
            positions[vertex] = position;
        }
    }
    positions
}

/// Counts the pairs of edges that cross.
fn crossings(layers: &[Vec<usize>], segments: &Segments, count: usize) -> usize {
    let positions = positions(layers, count);
    let ends = |segment: &Segment| {
        let start = (positions[segment.from], segment.from_y);
        (start, (positions[segment.to], segment.to_y))
    };
    let mut crossings = 0;
    for layer in layers {
        let segments = layer.iter().flat_map(|&vertex| segments.from(vertex));
        let segments: Vec<&Segment> = segments.collect();
        for (place, one) in segments.iter().enumerate() {
            let (one_start, one_end) = ends(one);
            for other in &segments[place + 1..] {
                let (start, end) = ends(other);
                let crosses =
                    (one_start < start && one_end > end) || (one_start > start && one_end < end);
                crossings += usize::from(crosses);
            }
        }
    }
    crossings
}

/// Places the boxes of each layer, in their order, near what they are connected to.
fn place(layers: &[Vec<usize>], segments: &Segments, vertices: &mut [Vertex]) {
    for layer in layers {
        let mut y = 0.0;
        for &vertex in layer {
            vertices[vertex].y = y;
            y += vertices[vertex].height + BOX_GAP;
        }
    }
    for sweep in 0..SWEEPS {
        for step in 0..layers.len() {
            let layer = if sweep % 2 == 0 {
                step
            } else {
                layers.len() - 1 - step
            };
            let wanted = layers[layer].iter().map(|&vertex| {
                let feeders = segments.to(vertex).iter();
                let feeders =
                    feeders.map(|segment| vertices[segment.from].y + segment.from_y - segment.to_y);
                let readers = segments.from(vertex).iter();
                let readers =
                    readers.map(|segment| vertices[segment.to].y + segment.to_y - segment.from_y);
                mean(feeders.chain(readers)).unwrap_or(vertices[vertex].y)
            });
            let wanted: Vec<f64> = wanted.collect();
            let heights = layers[layer]
                .iter()
                .map(|&vertex| vertices[vertex].height + BOX_GAP);
            let places = separated(&wanted, &heights.collect::<Vec<_>>());
            for (&vertex, y) in layers[layer].iter().zip(places) {
                vertices[vertex].y = y;
            }
        }
    }
    let top = vertices
        .iter()
        .map(|vertex| vertex.y)
        .fold(f64::INFINITY, f64::min);
    for vertex in vertices {
        vertex.y -= top;
    }
}

/// Returns the places nearest to the wanted ones, by least squares, at which each box ends before
/// the next begins.
fn separated(wanted: &[f64], heights: &[f64]) -> Vec<f64> {
    let mut offset = 0.0;
    let offsets: Vec<f64> = heights
        .iter()
        .map(|height| before(&mut offset, *height))
        .collect();
    // Sum, number: without their heights, boxes that would overlap share one place, the mean.
    let mut pools: Vec<(f64, f64)> = Vec::new();
    for (wanted, offset) in wanted.iter().zip(&offsets) {
        let mut pool = (wanted - offset, 1.0);
        while let Some(last) = pools.last()
            && last.0 / last.1 > pool.0 / pool.1
        {
            pool = (pool.0 + last.0, pool.1 + last.1);
            pools.pop();
        }
        pools.push(pool);
    }
    let places = pools
        .iter()
        .flat_map(|(sum, number)| std::iter::repeat_n(sum / number, *number as usize));
    places
        .zip(&offsets)
        .map(|(place, offset)| place + offset)
        .collect()
}

/// Adds to a sum, and returns the sum without it.
fn before(sum: &mut f64, more: f64) -> f64 {
    std::mem::replace(sum, *sum + more)
}

fn mean(numbers: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = numbers.fold((0.0, 0.0), |(sum, count), number| {
        (sum + number, count + 1.0)
    });
    (count > 0.0).then(|| sum / count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_that_want_one_place_share_the_distance() {
        assert_eq!(separated(&[10.0, 10.0], &[40.0, 40.0]), [-10.0, 30.0]);
        assert_eq!(separated(&[0.0, 100.0], &[40.0, 40.0]), [0.0, 100.0]);
    }
}
