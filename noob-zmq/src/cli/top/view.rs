//! Picture of the view: the run, its nodes, and a pane with edges, values or output.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::Line;
use ratatui::widgets::{Block, Borders, Paragraph, Row, Table};

use super::app::{App, Order, Pane};
use crate::cli::progress::{short, time};
use crate::runner::{NodeStatusReport, RunStatus, RunnerState};

const HEADER: [&str; 13] = [
    "NODE", "STATE", "LOAD", "CALLS/s", "P50", "P99", "IN/s", "OUT/s", "B/s OUT", "QUEUE", "LAG",
    "MEM", "TROUBLE",
];
const KEYS: &str = "q quit  p pause  order: g graph l load t time u queue m memory  \
                    j k select  e edges v values o output";

/// Draws the view.
pub(super) fn draw(frame: &mut Frame<'_>, app: &App) {
    let Some(status) = app.status() else {
        let text = match &app.failure {
            Some(failure) => format!("the run cannot be watched: {failure}; q ends the view"),
            None => "waiting for the run to answer; q ends the view".to_owned(),
        };
        frame.render_widget(Paragraph::new(text), frame.area());
        return;
    };
    let nodes = app.nodes();
    let rows = u16::try_from(nodes.len()).unwrap_or(u16::MAX);
    let [head, table, pane, keys] = Layout::vertical([
        Constraint::Length(2),
        Constraint::Max(rows.saturating_add(2)),
        Constraint::Min(4),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    frame.render_widget(Paragraph::new(head_lines(app, status)), head);
    draw_nodes(frame, app, status, &nodes, table);
    draw_pane(frame, app, status, pane);
    let dim = Style::new().add_modifier(Modifier::DIM);
    frame.render_widget(Paragraph::new(Line::styled(KEYS, dim)), keys);
}

fn head_lines(app: &App, status: &RunStatus) -> Vec<Line<'static>> {
    let state = match (app.ended, app.paused, status.state) {
        (true, ..) => "ended",
        (_, true, _) => "paused",
        (_, _, RunnerState::Failed) => "failed",
        (_, _, RunnerState::Starting) => "starting",
        _ => "running",
    };
    let run = status.run.as_deref().unwrap_or("-");
    let epochs = &status.epochs;
    let first = format!(
        "{run}  {}  {state}  {}  pid {}",
        status.tube,
        time(status.uptime),
        status.pid
    );
    let second = format!(
        "epochs {} done  {}/s  {} open  {} failed  {} skipped  {} dropped  {} restarts",
        epochs.done,
        short(status.epochs_per_second),
        status.open,
        epochs.failed,
        epochs.skipped,
        status.dropped(),
        status.restarts
    );
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let cause = status.cause.clone();
    let second = match cause {
        None => Line::raw(second),
        Some(cause) => Line::styled(cause, Style::new().fg(Color::Red)),
    };
    vec![Line::styled(first, bold), second]
}

fn draw_nodes(
    frame: &mut Frame<'_>,
    app: &App,
    status: &RunStatus,
    nodes: &[&NodeStatusReport],
    area: Rect,
) {
    let slowest = status.slowest().map(|node| &node.node);
    let selected = app.selected().map(|node| &node.node);
    // The selected node stays in sight where the nodes do not fit.
    let room = usize::from(area.height.saturating_sub(1));
    let place = nodes.iter().position(|node| Some(&node.node) == selected);
    let first = place.map_or(0, |place| (place + 1).saturating_sub(room));
    let rows = nodes.iter().skip(first).map(|node| {
        let mut style = Style::new();
        if node.failed + node.skipped > 0 || node.restarts > 0 {
            style = style.fg(Color::Red);
        } else if Some(&node.node) == slowest {
            style = style.fg(Color::Yellow);
        }
        if Some(&node.node) == selected {
            style = style.add_modifier(Modifier::REVERSED);
        }
        Row::new(cells(node)).style(style)
    });
    let widths = [16, 8, 11, 8, 8, 8, 7, 7, 8, 6, 7, 6, 20].map(Constraint::Min);
    let mark = |(place, name): (usize, &'static str)| {
        let sorted = match app.order {
            Order::Graph => 0,
            Order::Load => 2,
            Order::CallTime => 5,
            Order::Queue => 9,
            Order::Memory => 11,
        };
        let style = match place == sorted {
            true => Style::new().add_modifier(Modifier::UNDERLINED | Modifier::BOLD),
            false => Style::new().add_modifier(Modifier::BOLD),
        };
        Line::styled(name, style)
    };
    let header = Row::new(HEADER.into_iter().enumerate().map(mark));
    frame.render_widget(Table::new(rows, widths).header(header), area);
}

fn cells(node: &NodeStatusReport) -> Vec<String> {
    let full = (node.load * 5.0).round() as usize;
    let bar = format!("{}{}", "#".repeat(full.min(5)), ".".repeat(5 - full.min(5)));
    let times = node.call_time;
    let lag = node.lag.unwrap_or_default();
    let mut trouble = Vec::new();
    for (count, what) in [
        (node.failed, "failed"),
        (node.skipped, "skipped"),
        (u64::from(node.restarts), "restarts"),
        (node.dropped, "dropped"),
    ] {
        if count > 0 {
            trouble.push(format!("{count} {what}"));
        }
    }
    vec![
        node.node.to_string(),
        node.status.as_str().to_owned(),
        format!("{bar} {:3.0} %", 100.0 * node.load),
        short(node.calls_per_second),
        times.map_or_else(|| "-".to_owned(), |times| time(times.p50)),
        times.map_or_else(|| "-".to_owned(), |times| time(times.p99)),
        short(node.received.events_per_second),
        short(node.emitted.events_per_second),
        short(node.emitted.bytes_per_second),
        node.queue.to_string(),
        lag.epochs.to_string(),
        node.memory
            .map_or_else(|| "-".to_owned(), |bytes| short(bytes as f64)),
        trouble.join(", "),
    ]
}

fn draw_pane(frame: &mut Frame<'_>, app: &App, status: &RunStatus, area: Rect) {
    let node = app.selected();
    let name = node.map_or("", |node| &node.node);
    let (title, lines) = match app.pane {
        Pane::Edges => ("edges".to_owned(), edges(status)),
        Pane::Values => (format!("values of {name}"), values(app)),
        Pane::Log => (format!("output of {name}"), app.log.clone()),
    };
    let mut lines: Vec<Line<'_>> = lines.into_iter().map(Line::raw).collect();
    if let Some(error) = node.and_then(|node| node.last_error.as_ref()) {
        let error = format!("last error of {name}: {error}");
        lines.insert(0, Line::styled(error, Style::new().fg(Color::Red)));
    }
    // The last lines of an output are the newest; of the others, the first are shown.
    let room = usize::from(area.height.saturating_sub(1));
    let hidden = match app.pane {
        Pane::Log => lines.len().saturating_sub(room),
        _ => 0,
    };
    let block = Block::new().borders(Borders::TOP).title(title);
    let shown: Vec<Line<'_>> = lines.into_iter().skip(hidden).collect();
    frame.render_widget(Paragraph::new(shown).block(block), area);
}

fn edges(status: &RunStatus) -> Vec<String> {
    let line = |edge: &crate::runner::EdgeStatus| {
        let dropped = match edge.dropped {
            0 => String::new(),
            dropped => format!("  {dropped} dropped ({})", edge.policy),
        };
        format!(
            "{}.{} -> {}.{}  {}/s  {} B/s{dropped}",
            edge.source,
            edge.signal,
            edge.target,
            edge.slot,
            short(edge.traffic.events_per_second),
            short(edge.traffic.bytes_per_second)
        )
    };
    status.edges.iter().map(line).collect()
}

fn values(app: &App) -> Vec<String> {
    let lines = app.values.values().map(|sample| {
        let value = match &sample.summary {
            Some(summary) => summary.clone(),
            None => sample.value.to_string(),
        };
        format!("{} in epoch {}: {value}", sample.signal, sample.epoch)
    });
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        return vec!["no value yet".to_owned()];
    }
    lines
}

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    use super::*;
    use crate::cli::top::app::Key;
    use crate::cli::top::app::tests::app;

    fn shown(app: &App, (width, height): (u16, u16)) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| draw(frame, app)).unwrap();
        terminal.backend().to_string()
    }

    fn line_with(text: &str, part: &str) -> String {
        let line = text.lines().find(|line| line.contains(part));
        line.unwrap_or_else(|| panic!("`{part}` is in no line of:\n{text}"))
            .to_owned()
    }

    #[test]
    fn view_has_the_run_its_nodes_and_edges() {
        let text = shown(&app(), (140, 20));
        let head = line_with(&text, "0123abcd");
        assert!(head.contains("shown  running"), "{head}");
        assert!(line_with(&text, "1234 done").contains("125/s"));
        let filter = line_with(&text, "filter  ");
        for part in ["##### ", "93 %", "7 ms", "11 ms", "17"] {
            assert!(filter.contains(part), "{part}: {filter}");
        }
        let last = line_with(&text, "last  ");
        assert!(last.contains("3 failed, 2 restarts"), "{last}");
        assert!(line_with(&text, "filter.value -> ").contains("->") && text.contains("512/s"));
        let lines: Vec<&str> = text.lines().collect();
        let place = |name: &str| lines.iter().position(|line| line.contains(name));
        assert!(place("frames  ") < place("filter  ") && place("filter  ") < place("last  "));
    }

    #[test]
    fn selected_node_shows_its_error_and_output() {
        let mut app = app();
        app.on_key(Key::Down);
        app.on_key(Key::Down);
        app.on_key(Key::Letter('o'));
        app.log = (0..50).map(|line| format!("line {line}")).collect();
        let text = shown(&app, (100, 24));
        assert!(text.contains("output of last") && text.contains("line 49"));
        assert!(!text.contains("line 0 "));
        app.log.truncate(2);
        let text = shown(&app, (100, 24));
        assert!(
            text.contains("last error of last: the frame is refused"),
            "{text}"
        );
        app.on_key(Key::Letter('v'));
        assert!(shown(&app, (100, 24)).contains("no value yet"));
    }

    #[test]
    fn view_of_any_size_is_drawn() {
        let app = app();
        for size in [(1, 1), (10, 3), (20, 5), (80, 7), (300, 100)] {
            shown(&app, size);
        }
        shown(&App::default(), (80, 24));
    }
}
