//! The paths and rows of an answer, made only when they are asked for.

use std::fmt;

use rayon::prelude::*;

use super::answer::{ExposureRow, GuardState, OutcomeKind, Path};

/// How many paths are made at a time: what they share is made once for all of them.
const CHUNK: usize = 128;
/// How many chunks there are at most of which the paths wait to be taken, for each thread.
const AHEAD: usize = 4;

/// What tells to which part of an answer a path belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PathHead {
    /// Whether requests arrive.
    pub kind: OutcomeKind,
    /// How far it is guarded, where a guard is asked for.
    pub guard: Option<GuardState>,
}

/// Makes the paths at some places of the list.
type Make<'a> = dyn Fn(&[usize]) -> Vec<Path> + Sync + 'a;

/// Paths in order. Only their heads are held; the paths are made a few at a time, and gone once
/// they are taken.
pub struct Paths<'a> {
    heads: Vec<PathHead>,
    make: Box<Make<'a>>,
}

impl<'a> Paths<'a> {
    /// Paths with these heads, made by a function from their places.
    pub fn new(heads: Vec<PathHead>, make: impl Fn(&[usize]) -> Vec<Path> + Sync + 'a) -> Self {
        Paths { heads, make: Box::new(make) }
    }

    /// The heads of all paths.
    pub fn heads(&self) -> &[PathHead] {
        &self.heads
    }

    /// Gives every path, in order.
    pub fn each<E>(&self, take: impl FnMut(&Path) -> Result<(), E>) -> Result<(), E> {
        let all: Vec<usize> = (0..self.heads.len()).collect();
        self.each_of(&all, take)
    }

    /// Gives the paths at some places. Chunks are shared out between threads.
    pub fn each_of<E>(
        &self,
        places: &[usize],
        mut take: impl FnMut(&Path) -> Result<(), E>,
    ) -> Result<(), E> {
        if places.len() <= CHUNK {
            return (self.make)(places).iter().try_for_each(take);
        }
        let window = CHUNK * AHEAD * rayon::current_num_threads().max(1);
        for window in places.chunks(window) {
            let made: Vec<Vec<Path>> =
                window.par_chunks(CHUNK).map(|chunk| (self.make)(chunk)).collect();
            made.iter().flatten().try_for_each(&mut take)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Paths<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Paths").field("heads", &self.heads).finish_non_exhaustive()
    }
}

/// Paths that are there already.
impl From<Vec<Path>> for Paths<'_> {
    fn from(paths: Vec<Path>) -> Self {
        let head = |path: &Path| PathHead {
            kind: path.outcome.kind,
            guard: path.guard.as_ref().map(|guard| guard.state),
        };
        let heads = paths.iter().map(head).collect();
        Paths::new(heads, move |places| places.iter().map(|at| paths[*at].clone()).collect())
    }
}

/// Rows of a table of exposure in order, each made when it is asked for.
pub struct ExposureRows<'a> {
    count: usize,
    make: Box<dyn Fn(usize) -> ExposureRow + 'a>,
}

impl<'a> ExposureRows<'a> {
    /// Rows made by a function from their places.
    pub fn new(count: usize, make: impl Fn(usize) -> ExposureRow + 'a) -> Self {
        ExposureRows { count, make: Box::new(make) }
    }

    /// Every row, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = ExposureRow> {
        (0..self.count).map(&self.make)
    }
}

impl fmt::Debug for ExposureRows<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExposureRows").field("count", &self.count).finish_non_exhaustive()
    }
}

/// Rows that are there already.
impl From<Vec<ExposureRow>> for ExposureRows<'_> {
    fn from(rows: Vec<ExposureRow>) -> Self {
        ExposureRows::new(rows.len(), move |at| rows[at].clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::ResourceId;
    use crate::question::answer::{Destination, PathOutcome, Principals, Requests, Sender};

    fn path(number: usize) -> Path {
        Path {
            from: Sender::Resource(ResourceId(number as u32)),
            to: Destination::Elsewhere,
            entry: None,
            outcome: PathOutcome {
                kind: OutcomeKind::Delivered,
                cause: None,
                http_status: None,
                location: None,
            },
            guards: Vec::new(),
            guard: None,
            principals: Principals::default(),
            hops: Vec::new(),
            resolved: None,
            reply: Vec::new(),
            requests: Requests::default(),
            choices: Vec::new(),
            assumptions: Vec::new(),
        }
    }

    #[test]
    fn paths_come_in_order_and_end_with_the_first_error() {
        let count = CHUNK * AHEAD * rayon::current_num_threads() * 2 + 7;
        let head = PathHead { kind: OutcomeKind::Delivered, guard: None };
        let paths = Paths::new(vec![head; count], |places| {
            assert!(places.len() <= CHUNK);
            places.iter().map(|at| path(*at)).collect()
        });
        let mut next = 0;
        let all: Result<(), ()> = paths.each(|path| {
            assert_eq!(path.from, Sender::Resource(ResourceId(next)));
            next += 1;
            Ok(())
        });
        assert_eq!((all, next), (Ok(()), count as u32));
        let mut taken = 0;
        let stopped = paths.each(|_| {
            taken += 1;
            if taken == 5 { Err("full") } else { Ok(()) }
        });
        assert_eq!((stopped, taken), (Err("full"), 5));
    }
}
