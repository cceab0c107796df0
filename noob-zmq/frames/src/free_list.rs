//! Free memory of a pool.

use std::collections::BTreeMap;

use crate::memory::Region;

/// Free regions of a pool, by their first unit; no two of them are adjacent.
#[derive(Debug, Default)]
pub(crate) struct FreeList {
    regions: BTreeMap<u32, Region>,
}

impl FreeList {
    /// Takes `units` units with the lowest numbers, which are most likely in the caches.
    pub(crate) fn take(&mut self, units: u32) -> Option<Region> {
        let (&start, _) = self
            .regions
            .iter()
            .find(|(_, region)| region.units() >= units)?;
        let (taken, rest) = self.regions.remove(&start)?.split(units);
        if let Some(rest) = rest {
            self.regions.insert(rest.start(), rest);
        }
        Some(taken)
    }

    /// Puts a region back, and joins it with those beside it.
    pub(crate) fn put(&mut self, mut region: Region) {
        let before = self.regions.range(..region.start()).next_back();
        if let Some((&start, before)) = before
            && before.end() == region.start()
            && let Some(before) = self.regions.remove(&start)
        {
            region = before.join(region);
        }
        if let Some(after) = self.regions.remove(&region.end()) {
            region = region.join(after);
        }
        self.regions.insert(region.start(), region);
    }

    /// Returns the number of free units.
    pub(crate) fn units(&self) -> u32 {
        self.regions.values().map(Region::units).sum()
    }
}
