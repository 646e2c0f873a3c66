//! Spokes that take out of what they give what they do not give.

use super::Linter;
use crate::source::codes;
use crate::topology::hybrid::NccSpoke;

codes! {
    SPOKE_EXCLUSION = Warning "spoke-exclusion" "EGR-164" {
        "an excluded range that is not included",
        "an excluded range takes a part out of an included one; elsewhere it does nothing",
        "networks:
  prod: {}
ncc_hubs:
  core: {}
ncc_spokes:
  prod: {hub: core, network: prod, include_ranges: [10.0.0.0/16], exclude_ranges: [10.1.0.0/24]}
",
    }
}

impl Linter<'_, '_> {
    pub(super) fn hubs(&mut self) {
        for (id, entry) in &self.topology.ncc_spokes {
            self.exclusions(&entry.value, &format!("ncc_spoke/{id}"));
        }
    }

    fn exclusions(&mut self, spoke: &NccSpoke, resource: &str) {
        if spoke.include_ranges.is_empty() {
            return;
        }
        for range in &spoke.exclude_ranges {
            if !spoke.include_ranges.iter().any(|own| own.value.contains(&range.value)) {
                let message = format!("`{}` is no part of what {resource} gives", range.value);
                let finding = SPOKE_EXCLUSION.finding(message).at(range.span);
                self.report(finding.help("leave it out").resource(resource));
            }
        }
    }
}
