//! Networks that do not say which firewall rules they began with.

use super::Linter;
use crate::source::codes;

codes! {
    DEFAULT_RULES_NOT_SAID = Note "default-rules-not-said" "EGR-097" {
        "a network `default` of which it is not said whether it has its first rules",
        "the network `default` that a project begins with admits 10.128.0.0/9, SSH, RDP and ICMP \
         at priority 65534 until those rules are deleted",
        "networks:
  default: {subnets: {run: {region: europe-west1, range: 10.132.0.0/20}}}
",
    }
}

impl Linter<'_, '_> {
    /// Networks called `default` that say nothing of the rules that they began with, neither by the
    /// switch nor one by one.
    pub(super) fn default_rules(&mut self) {
        let topology = self.topology;
        let written = |id: &str| {
            topology.firewall_rules.iter().any(|(name, entry)| {
                name.starts_with("default-allow-") && entry.value.network.value == id
            })
        };
        for (id, entry) in &topology.networks {
            if &**id != "default" || entry.value.default_rules.is_some() || written(id) {
                continue;
            }
            let message = format!("network/{id} is taken not to have the rules that it began with");
            let finding = DEFAULT_RULES_NOT_SAID.finding(message).at(entry.key_span);
            let help = "set `default_rules: true` if it has those that it began with, else false";
            self.report(finding.help(help).resource(format!("network/{id}")));
        }
    }
}
