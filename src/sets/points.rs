//! The partition of an axis of numbers or addresses into ranges.

/// Ranges of an axis of numbers, in ascending order.
pub(super) struct Points {
    /// The first number of each atom; the first is 0.
    starts: Vec<u128>,
    /// The greatest number of the axis.
    max: u128,
}

impl Points {
    pub fn new(mut starts: Vec<u128>, max: u128) -> Self {
        starts.push(0);
        starts.retain(|start| *start <= max);
        starts.sort_unstable();
        starts.dedup();
        Self { starts, max }
    }

    pub fn atoms(&self) -> u32 {
        self.starts.len() as u32
    }

    /// The atoms from the first to the last number. Nothing if the range was not declared.
    pub fn range(&self, low: u128, high: u128) -> Option<(u32, u32)> {
        if low > high || high > self.max {
            return None;
        }
        let from = self.starts.binary_search(&low).ok()?;
        let until = match high.checked_add(1) {
            Some(next) if next <= self.max => self.starts.binary_search(&next).ok()?,
            _ => self.starts.len(),
        };
        Some((from as u32, until as u32))
    }

    /// The atom that holds a number.
    pub fn atom_of(&self, number: u128) -> u32 {
        self.starts.partition_point(|start| *start <= number).saturating_sub(1) as u32
    }

    /// The first and the last number of a run of atoms.
    pub fn bounds(&self, from: u32, until: u32) -> (u128, u128) {
        let last = self.starts.get(until as usize).map_or(self.max, |next| next - 1);
        (self.starts[from as usize], last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_runs_of_atoms() {
        let points = Points::new(vec![10, 21, u128::MAX - 1], u128::MAX);
        assert_eq!(points.atoms(), 4);
        assert_eq!(points.range(10, 20), Some((1, 2)));
        assert_eq!(points.range(0, u128::MAX), Some((0, 4)));
        assert_eq!(points.range(10, 19), None);
        assert_eq!((points.atom_of(9), points.atom_of(10), points.atom_of(21)), (0, 1, 2));
        assert_eq!(points.bounds(1, 3), (10, u128::MAX - 2));
        assert_eq!(points.bounds(3, 4), (u128::MAX - 1, u128::MAX));
    }
}
