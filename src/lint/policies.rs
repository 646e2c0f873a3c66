//! Security policies that refuse nothing.

use std::collections::HashSet;

use super::Linter;
use crate::inventory::relations::attached_policies;
use crate::source::{Span, codes};
use crate::topology::security_policy::{Action, PolicyRule, PolicyType, SecurityPolicy};

codes! {
    POLICY_IN_PREVIEW = Warning "policy-in-preview" "ING-126" {
        "a policy that refuses in preview only",
        "a rule in preview is logged, not enforced",
        "services:
  web: {region: europe-west1, ingress: internal-and-cloud-load-balancing}
backends:
  web: {services: [web], security_policy: edge}
security_policies:
  edge: {rules: [{priority: 1, action: deny(403), preview: true, source_ranges: [192.0.2.0/24]}]}
",
    }
    POLICY_REFUSES_NOTHING = Warning "policy-refuses-nothing" "ING-122" {
        "a policy that refuses nothing",
        "a policy without a rule that denies, redirects or limits lets everything pass",
        "services:
  web: {region: europe-west1, ingress: internal-and-cloud-load-balancing}
backends:
  web: {services: [web], security_policy: edge}
security_policies:
  edge: {rules: [{priority: 2147483647, action: allow, source_ranges: [\"*\"]}]}
",
    }
    POLICY_WITHOUT_EFFECT = Note "policy-without-effect" "ING-116" {
        "a policy of a type that does not concern Cloud Run",
        "policies of type `network` and `internal-service` guard other things than backends of \
         Cloud Run",
        "security_policies:
  packets: {type: network, rules: []}
",
    }
}

impl Linter<'_, '_> {
    pub(super) fn policies(&mut self) {
        let topology = self.topology;
        let attached: HashSet<&str> = attached_policies(topology).into_iter().collect();
        for (id, entry) in &topology.security_policies {
            let policy = &entry.value;
            let resource = format!("security_policy/{id}");
            let kind = policy.r#type.as_ref();
            let kind = kind.map(|kind| (kind.value, kind.span));
            if let Some((PolicyType::Network | PolicyType::InternalService, at)) = kind {
                let message = format!("{resource} does not concern Cloud Run");
                self.report(POLICY_WITHOUT_EFFECT.finding(message).at(at).resource(&resource));
            }
            if attached.contains(&**id) {
                self.effect(policy, entry.key_span, &resource);
            }
        }
    }

    fn effect(&mut self, policy: &SecurityPolicy, key: Span, resource: &str) {
        let refusing: Vec<&PolicyRule> =
            policy.rules.iter().filter(|rule| refuses(rule.action.value)).collect();
        let Some(first) = refusing.first() else {
            let message = format!("{resource} refuses nothing");
            let finding = POLICY_REFUSES_NOTHING.finding(message).at(key);
            return self.report(finding.resource(resource));
        };
        let in_preview = |rule: &&PolicyRule| rule.preview().is(true);
        if refusing.iter().all(in_preview) {
            let at = first.preview.as_ref().map_or(first.span, |preview| preview.span);
            let message = format!("{resource} refuses in preview only");
            let finding = POLICY_IN_PREVIEW.finding(message).at(at);
            let help = "set `preview: false` to enforce the rule";
            self.report(finding.help(help).resource(resource));
        }
    }
}

fn refuses(action: Action) -> bool {
    !matches!(action, Action::Allow | Action::GoToNext)
}
