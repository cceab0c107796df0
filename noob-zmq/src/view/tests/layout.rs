use crate::view::layout::{Arrangement, Item, LAYER_GAP, Link, arrange};

fn arranged(count: usize, links: &[(usize, usize)]) -> Arrangement {
    let items = vec![
        Item {
            width: 100.0,
            height: 40.0
        };
        count
    ];
    let links = links.iter().map(|&(from, to)| Link {
        from,
        from_y: 20.0,
        to,
        to_y: 20.0,
    });
    arrange(&items, &links.collect::<Vec<_>>(), LAYER_GAP)
}

/// Whether two boxes share any point.
fn has_overlap(arrangement: &Arrangement) -> bool {
    let places = &arrangement.places;
    places.iter().enumerate().any(|(one, a)| {
        places[..one]
            .iter()
            .any(|b| (a.0 - b.0).abs() < 100.0 && (a.1 - b.1).abs() < 40.0)
    })
}

#[test]
fn chain_is_a_straight_line() {
    let arrangement = arranged(3, &[(0, 1), (1, 2)]);
    let step = 100.0 + LAYER_GAP;
    assert_eq!(
        arrangement.places,
        [(0.0, 0.0), (step, 0.0), (2.0 * step, 0.0)]
    );
    assert_eq!(
        (arrangement.width, arrangement.height),
        (step * 2.0 + 100.0, 40.0)
    );
    let heights: Vec<f64> = arrangement
        .routes
        .concat()
        .iter()
        .map(|point| point.1)
        .collect();
    assert!(heights.iter().all(|y| *y == 20.0), "{heights:?}");
}

#[test]
fn edge_that_crosses_a_layer_passes_its_boxes() {
    // 0 → 1 → 2, and 0 → 2 beside 1.
    let arrangement = arranged(3, &[(0, 1), (1, 2), (0, 2)]);
    let crossing = arrangement.routes[2][2];
    let (x, y) = arrangement.places[1];
    assert_eq!(crossing.0, x);
    assert!(crossing.1 < y || crossing.1 > y + 40.0, "{crossing:?} {y}");
}

#[test]
fn boxes_are_ordered_so_that_edges_do_not_cross() {
    let arrangement = arranged(4, &[(0, 3), (1, 2)]);
    let [a, b, c, d] = arrangement.places[..] else {
        panic!("four places");
    };
    assert_eq!(a.1 < b.1, d.1 < c.1);
}

#[test]
fn source_stands_before_its_first_reader() {
    let arrangement = arranged(5, &[(0, 1), (1, 2), (2, 3), (4, 3)]);
    assert_eq!(arrangement.places[4].0, arrangement.places[2].0);
    assert!(!has_overlap(&arrangement));
}

#[test]
fn cycle_and_loop_are_drawn() {
    let arrangement = arranged(3, &[(0, 1), (1, 2), (2, 0), (1, 1)]);
    assert!(!has_overlap(&arrangement));
    assert!(arrangement.routes.iter().all(|route| route.len() >= 4));
}

#[test]
fn boxes_of_a_large_random_graph_do_not_overlap() {
    // A linear congruential generator (Numerical Recipes) gives the same graph each time.
    let mut state = 7_u32;
    let mut next = |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below
    };
    let links: Vec<(usize, usize)> = (1..100)
        .flat_map(|to| [(next(to), to), (next(to), to)])
        .collect();
    let arrangement = arranged(100, &links);
    assert!(!has_overlap(&arrangement));
    for ((from, to), route) in links.iter().zip(&arrangement.routes) {
        let (start, end) = (arrangement.places[*from], arrangement.places[*to]);
        assert_eq!(route.first(), Some(&(start.0 + 100.0, start.1 + 20.0)));
        assert_eq!(route.last(), Some(&(end.0, end.1 + 20.0)));
        assert!(route.is_sorted_by(|a, b| a.0 <= b.0), "{route:?}");
    }
}

#[test]
fn graph_without_boxes_is_empty() {
    let arrangement = arrange(&[], &[], LAYER_GAP);
    assert_eq!((arrangement.width, arrangement.height), (0.0, 0.0));
}
