//! Look-up of root epochs in a queue that is ordered by their numbers.

use std::collections::VecDeque;

/// Returns the index of the entry with this number, or the index at which to insert it.
///
/// Open epochs mostly follow each other without a gap, so that the first number tells the index;
/// only with gaps the queue is searched.
pub(super) fn index_of<T>(
    queue: &VecDeque<T>,
    number: u32,
    number_of: impl Fn(&T) -> u32,
) -> Result<usize, usize> {
    let (Some(first), Some(last)) = (queue.front(), queue.back()) else {
        return Err(0);
    };
    if number > number_of(last) {
        return Err(queue.len());
    }
    let guess = number
        .checked_sub(number_of(first))
        .map(|ahead| ahead as usize);
    match guess.map(|guess| (guess, queue.get(guess))) {
        Some((guess, Some(entry))) if number_of(entry) == number => Ok(guess),
        _ => queue.binary_search_by_key(&number, number_of),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn index_is_that_of_a_search() {
        for numbers in [
            vec![],
            vec![3],
            vec![3, 4, 5, 6],
            vec![3, 5, 6, 9, u32::MAX],
        ] {
            let queue: VecDeque<u32> = numbers.into();
            for number in (0..12).chain([u32::MAX - 1, u32::MAX]) {
                let expected = queue.binary_search(&number);
                assert_eq!(index_of(&queue, number, |&number| number), expected);
            }
        }
    }
}
