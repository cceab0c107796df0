//! Scalable Vector Graphics: one picture without references to anything else, for light and dark
//! pages.

use std::fmt::Write;

use super::diagram::{Diagram, DiagramEdge, DiagramKind, DiagramNode, Port};
use super::layout::{Arrangement, Item, LAYER_GAP, Link, Point, arrange};

/// Width of a character of the font, which is monospaced, at its size of 12 pixels.
const CHARACTER: f64 = 7.3;
const LINE: f64 = 18.0;
const PADDING: f64 = 12.0;
/// Height of the part of a box with its name and type.
const HEAD: f64 = 2.0 * LINE + 8.0;
/// Least distance of the names of a slot and of a signal in one line.
const MIDDLE: f64 = 24.0;
const MARGIN: f64 = 16.0;

const STYLE: &str = "\
text{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#1c2024}\
.id{font-weight:700}.type,.note{fill:#60646c}\
.box{fill:#fff;stroke:#8b8d98;stroke-width:1.2}\
.head{fill:#eceef2}.source .head{fill:#d5efd9}.return .head{fill:#dbe8fd}\
.map .head,.gather .head{fill:#fbe8c6}.tube .head{fill:#eadffb}\
.input .box,.assets .box{stroke-dasharray:2 3}\
.disabled{opacity:.45}.disabled .box{stroke-dasharray:6 4}\
.edge{fill:none;stroke:#60646c;stroke-width:1.4}.optional{stroke-dasharray:5 4}\
.drops{stroke:#c2571a}.tip{fill:#60646c}\
@media(prefers-color-scheme:dark){text{fill:#edeef0}.type,.note{fill:#b0b4ba}\
.box{fill:#18191b;stroke:#696e77}.head{fill:#2b2d33}.source .head{fill:#1d3a26}\
.return .head{fill:#1b2f52}.map .head,.gather .head{fill:#47340f}.tube .head{fill:#35234f}\
.edge{stroke:#b0b4ba}.drops{stroke:#f08b4c}.tip{fill:#b0b4ba}}";

/// Writes the picture of a diagram.
pub(crate) fn svg(diagram: &Diagram) -> String {
    let drawing = Drawing::new(diagram);
    let (width, height) = drawing.size();
    let (width, height) = (width + 2.0 * MARGIN, height + 2.0 * MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\">\n<title>{}</title>\n\
         <style>{STYLE}</style>\n\
         <defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" \
         markerHeight=\"8\" orient=\"auto\"><path class=\"tip\" d=\"M0 0 8 4 0 8z\"/></marker>\
         </defs>\n",
        escape(&diagram.title)
    );
    drawing.write(&mut out, (MARGIN, MARGIN));
    out.push_str("</svg>\n");
    out
}

/// Diagram with its boxes and edges placed.
pub(super) struct Drawing<'d> {
    pub(super) diagram: &'d Diagram,
    pub(super) boxes: Vec<DrawnBox<'d>>,
    pub(super) arrangement: Arrangement,
}

/// Room for what is shown beside the content of a diagram.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// Height below the content of each box.
    pub(super) foot: f64,
    /// Least width of a box.
    pub(super) width: f64,
    /// Horizontal distance of two layers.
    pub(super) gap: f64,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            foot: 0.0,
            width: 0.0,
            gap: LAYER_GAP,
        }
    }
}

/// Node with its size, and with the drawing inside.
pub(super) struct DrawnBox<'d> {
    pub(super) node: &'d DiagramNode,
    pub(super) size: Item,
    pub(super) child: Option<Drawing<'d>>,
}

impl<'d> Drawing<'d> {
    fn new(diagram: &'d Diagram) -> Self {
        Self::with_room(diagram, Room::default())
    }

    /// Places boxes with room for more than the diagram has.
    pub(super) fn with_room(diagram: &'d Diagram, room: Room) -> Self {
        let boxes = diagram.nodes.iter().map(|node| {
            let mut drawn = DrawnBox::new(node);
            drawn.size.height += room.foot;
            drawn.size.width = drawn.size.width.max(room.width);
            drawn
        });
        let boxes: Vec<DrawnBox<'d>> = boxes.collect();
        let items: Vec<Item> = boxes.iter().map(|drawn| drawn.size).collect();
        let links = diagram.edges.iter().map(|edge| Link {
            from: edge.from.0,
            from_y: port_y(edge.from.1),
            to: edge.to.0,
            to_y: port_y(edge.to.1),
        });
        Self {
            arrangement: arrange(&items, &links.collect::<Vec<_>>(), room.gap),
            diagram,
            boxes,
        }
    }

    pub(super) fn size(&self) -> (f64, f64) {
        (self.arrangement.width, self.arrangement.height)
    }

    fn write(&self, out: &mut String, (left, top): Point) {
        let routes = self.diagram.edges.iter().zip(&self.arrangement.routes);
        for (edge, route) in routes {
            write_edge(out, self.diagram, edge, route, (left, top));
        }
        for (drawn, place) in self.boxes.iter().zip(&self.arrangement.places) {
            drawn.write(out, (left + place.0, top + place.1));
        }
    }
}

impl<'d> DrawnBox<'d> {
    fn new(node: &'d DiagramNode) -> Self {
        let child = node.child.as_ref().map(Drawing::new);
        let mut width = f64::max(text_width(&node.id), text_width(&node.type_name));
        let rows = node.slots.len().max(node.signals.len());
        for row in 0..rows {
            let name = |ports: &[Port]| ports.get(row).map_or(0.0, |port| text_width(&port.name));
            width = width.max(name(&node.slots) + MIDDLE + name(&node.signals));
        }
        let mut height = HEAD + LINE * rows as f64 + 8.0;
        if let Some(child) = &child {
            let (child_width, child_height) = child.size();
            width = width.max(child_width);
            height += child_height + PADDING;
        }
        let width = width + 2.0 * PADDING;
        Self {
            node,
            size: Item { width, height },
            child,
        }
    }

    fn write(&self, out: &mut String, (x, y): Point) {
        let Item { width, height } = self.size;
        let node = self.node;
        let disabled = if node.enabled { "" } else { " disabled" };
        let _ = writeln!(
            out,
            "<g class=\"{}{disabled}\"><rect class=\"box\" x=\"{x:.1}\" y=\"{y:.1}\" \
             width=\"{width:.1}\" height=\"{height:.1}\" rx=\"6\"/>\
             <path class=\"head\" d=\"M{:.1} {:.1}v-{:.1}q0-5 5-5h{:.1}q5 0 5 5v{:.1}z\"/>",
            class(node.kind),
            x + 0.6,
            y + HEAD - 4.0,
            HEAD - 9.6,
            width - 11.2,
            HEAD - 9.6,
        );
        let mut text = |class: &str, anchor: &str, x: f64, y: f64, text: &str, title: &str| {
            if text.is_empty() {
                return;
            }
            let title = match title {
                "" => String::new(),
                title => format!("<title>{}</title>", escape(title)),
            };
            let _ = writeln!(
                out,
                "<text class=\"{class}\" text-anchor=\"{anchor}\" x=\"{x:.1}\" y=\"{y:.1}\">\
                 {title}{}</text>",
                escape(text)
            );
        };
        text("id", "start", x + PADDING, y + 16.0, &node.id, "");
        let note = if node.enabled { "" } else { "disabled" };
        text("note", "end", x + width - PADDING, y + 16.0, note, "");
        text("type", "start", x + PADDING, y + 32.0, &node.type_name, "");
        let sides = [
            (&node.slots, "start", x + PADDING),
            (&node.signals, "end", x + width - PADDING),
        ];
        for (ports, anchor, x) in sides {
            for (row, port) in ports.iter().enumerate() {
                let title = match &port.type_name {
                    Some(type_name) => format!("{}: {type_name}", port.name),
                    None => String::new(),
                };
                text("port", anchor, x, y + port_y(row) + 4.0, &port.name, &title);
            }
        }
        if let Some(child) = &self.child {
            let place = self.child_place();
            child.write(out, (x + place.0, y + place.1));
        }
        out.push_str("</g>\n");
    }

    /// Returns the place of the tube inside, from the upper left corner of the box.
    pub(super) fn child_place(&self) -> Point {
        let rows = self.node.slots.len().max(self.node.signals.len());
        let width = self.child.as_ref().map_or(0.0, |child| child.size().0);
        let left = (self.size.width - width) / 2.0;
        (left, HEAD + LINE * rows as f64 + 8.0)
    }
}

fn write_edge(
    out: &mut String,
    diagram: &Diagram,
    edge: &DiagramEdge,
    route: &[Point],
    (left, top): Point,
) {
    let path = path(route, (left, top));
    let optional = if edge.required { "" } else { " optional" };
    let drops = edge.drops_beyond.map_or("", |_| " drops");
    let _ = writeln!(
        out,
        "<path class=\"edge{optional}{drops}\" marker-end=\"url(#tip)\" d=\"{path}\">\
         <title>{}</title></path>",
        escape(&edge_text(diagram, edge))
    );
}

/// Returns the route of an edge as the attribute `d` of a path.
pub(super) fn path(route: &[Point], (left, top): Point) -> String {
    let mut path = String::new();
    let mut points = route.iter().map(|(x, y)| (left + x, top + y));
    let Some(mut last) = points.next() else {
        return path;
    };
    let _ = write!(path, "M{:.1} {:.1}", last.0, last.1);
    for point in points {
        if (point.1 - last.1).abs() < 0.05 {
            let _ = write!(path, "H{:.1}", point.0);
        } else {
            let middle = f64::midpoint(last.0, point.0);
            let _ = write!(
                path,
                "C{middle:.1} {:.1} {middle:.1} {:.1} {:.1} {:.1}",
                last.1, point.1, point.0, point.1
            );
        }
        last = point;
    }
    path
}

/// Returns what an edge carries from where to where.
pub(super) fn edge_text(diagram: &Diagram, edge: &DiagramEdge) -> String {
    let end = |(node, port): (usize, usize), ports: fn(&DiagramNode) -> &[Port]| {
        let node = &diagram.nodes[node];
        let port = &ports(node)[port];
        let type_name = port.type_name.as_deref();
        let type_name = type_name.map_or_else(String::new, |name| format!(": {name}"));
        format!("{}.{}{type_name}", node.id, port.name)
    };
    let mut text = format!(
        "{} → {}",
        end(edge.from, |node| &node.signals),
        end(edge.to, |node| &node.slots)
    );
    if !edge.required {
        text += " (optional)";
    }
    if let Some(waiting) = edge.drops_beyond {
        let _ = write!(text, " (drops the oldest when {waiting} wait)");
    }
    text
}

/// Returns the distance of a port from the upper side of its box.
pub(super) fn port_y(row: usize) -> f64 {
    HEAD + LINE * row as f64 + LINE / 2.0
}

fn text_width(text: &str) -> f64 {
    unicode_width::UnicodeWidthStr::width(text) as f64 * CHARACTER
}

pub(super) const fn class(kind: DiagramKind) -> &'static str {
    match kind {
        DiagramKind::Input => "input",
        DiagramKind::Assets => "assets",
        DiagramKind::Source => "source",
        DiagramKind::Plain => "node",
        DiagramKind::Map => "map",
        DiagramKind::Gather => "gather",
        DiagramKind::Return => "return",
        DiagramKind::Tube => "tube",
    }
}

/// Returns the text with the characters replaced that have a meaning in XML, or none at all.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' => escaped.push(' '),
            other if other.is_control() => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}
