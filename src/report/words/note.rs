//! What decided at a hop: rules, matches, choices, names and replies.

use ipnet::IpNet;

use super::Words;
use crate::graph::{
    Answerer, Blocked, Body, Branch, ChoiceId, ChoiceKind, HopId, ListRule, NameAnswer, Reply,
    RuleName,
};
use crate::question::answer::{Chosen, Note, PathHop};
use crate::topology::hybrid::LineKind;
use crate::walk;

impl<'a> Words<'a> {
    /// What decided at a hop, to follow its name; empty if there is nothing to add.
    pub fn note(self, hop: &PathHop) -> String {
        match &hop.note {
            Note::Walked(_, Some(rule)) => self.rule_name(hop.id, *rule),
            Note::Walked(note, None) => self.matched(note).unwrap_or_default(),
            Note::ImpliedRule => "implied rule".into(),
            Note::NextHop { range, .. } => self.matched(range).unwrap_or_default(),
            Note::Reply(reply) => self::reply(*reply).into(),
        }
    }

    /// What decided at a gate, behind what it decided: ` by rule 1000: deny(403)`.
    pub fn by(self, hop: &PathHop) -> String {
        let Note::Walked(_, Some(rule)) = &hop.note else {
            return if hop.note == Note::ImpliedRule {
                " by the implied rule".into()
            } else {
                String::new()
            };
        };
        let Some(rule) = self.rule_of(hop.id, *rule) else { return String::new() };
        match &rule.name {
            RuleName::Unnamed | RuleName::Back(_) => String::new(),
            name @ RuleName::Blocked(_) => format!(" as {}", self.rule(name)),
            name if name.is_default() => format!(" by the {}", self.rule(name)),
            name => format!(" by {}", self.rule(name)),
        }
    }

    /// The name of a rule of a gate's list.
    fn rule_name(self, hop: HopId, rule: usize) -> String {
        self.rule_of(hop, rule).map_or_else(String::new, |rule| self.rule(&rule.name))
    }

    /// A rule of a gate's list.
    fn rule_of(self, hop: HopId, rule: usize) -> Option<&'a ListRule> {
        let Body::Gate { list, .. } = &self.graph().hop(hop).body else { return None };
        self.graph().list(*list).rules.get(rule)
    }

    /// The name of a rule.
    pub fn rule(self, name: &RuleName) -> String {
        match name {
            RuleName::Unnamed | RuleName::Back(_) => String::new(),
            RuleName::SecurityPolicy { action, .. } if name.is_default() => {
                format!("default rule: {action}")
            }
            RuleName::SecurityPolicy { priority, action } => format!("rule {priority}: {action}"),
            RuleName::FirewallPolicy { policy, priority } => {
                format!("firewall_policy/{policy}, priority {priority}")
            }
            RuleName::FirewallRule { id, priority } => {
                format!("firewall_rule/{id}, priority {priority}")
            }
            RuleName::DefaultNetwork { name, priority } => format!("{name}, priority {priority}"),
            RuleName::OfConnector { connector, priority } => {
                format!("automatic rule of connector/{connector}, priority {priority}")
            }
            RuleName::Name { by, answer } => format!("{} ({})", self.answer(answer), answerer(by)),
            RuleName::Blocked(Blocked::Mail) => "TCP port 25".into(),
            RuleName::Blocked(Blocked::Dhcp) => "DHCP".into(),
            RuleName::Blocked(Blocked::Protocol) => {
                "a protocol that does not leave a network".into()
            }
        }
    }

    /// What a walk matched; nothing if it says nothing.
    pub fn matched(self, note: &walk::StepNote) -> Option<String> {
        use walk::StepNote as N;
        Some(match note {
            N::Nothing | N::Rule | N::NoRule | N::Branch { .. } | N::NoBranch => return None,
            N::Host(host) => format!("host {}", crate::graph::names::shown(host)),
            N::HostSuffix(suffix) if suffix.is_empty() => "any host".into(),
            N::HostSuffix(suffix) => format!("host *{suffix}"),
            N::AnyOtherHost => "any other host".into(),
            N::Path(path) => format!("path {path}"),
            N::PathPrefix(prefix) => format!("path {prefix}*"),
            N::AnyOtherPath => "any other path".into(),
            N::Destination(range) => self.range(*range),
            N::AnyOtherDestination => "any other destination".into(),
            N::Choice(choice, branch) => self.picked(*choice, &[*branch]),
        })
    }

    /// The answer to a query for a name.
    pub fn answer(self, answer: &NameAnswer) -> String {
        match answer {
            NameAnswer::Addresses(ranges) => {
                let words: Vec<String> =
                    ranges.iter().map(|range: &IpNet| self.range(*range)).collect();
                words.join(", ")
            }
            NameAnswer::Nonexistent => "NXDOMAIN".into(),
            NameAnswer::NoAddress => "NODATA".into(),
            NameAnswer::Unanswered => "SERVFAIL".into(),
            NameAnswer::Unknown => "an address that is not known".into(),
        }
    }

    /// The id of a choice: `nat_address/nat/tokyo`, and behind a colon which of the
    /// choices of this kind it is, where a resource has several (`nat_address/nat/tokyo:rule 100`).
    pub fn choice_id(self, id: ChoiceId) -> String {
        let choice = self.graph().choice(id);
        let resource = self.resource(choice.of);
        match &*choice.at {
            "" => format!("{}/{resource}", choice.kind),
            at => format!("{}/{resource}:{at}", choice.kind),
        }
    }

    /// What the branches of a choice are.
    pub fn options(self, id: ChoiceId) -> Vec<String> {
        self.graph().choice(id).branches.iter().map(|branch| self.branch(branch)).collect()
    }

    /// Some of the branches of a choice.
    pub fn taken(self, chosen: &Chosen) -> Vec<String> {
        let branches = &self.graph().choice(chosen.choice).branches;
        let taken = chosen.taken.iter().filter_map(|at| branches.get(*at as usize));
        taken.map(|branch| self.branch(branch)).collect()
    }

    /// Under which choices something happens: `only if NAT address 203.0.113.10 is picked`; empty
    /// if it does not rest on any.
    pub fn only_if(self, choices: &[Chosen]) -> String {
        match self.under(choices).as_str() {
            "" => String::new(),
            under => format!("only if {under}"),
        }
    }

    /// Choices as a condition: `NAT address 203.0.113.10 is picked`.
    pub fn under(self, choices: &[Chosen]) -> String {
        let picked = |chosen: &Chosen| self.picked(chosen.choice, &chosen.taken);
        let all: Vec<String> = choices.iter().map(picked).collect();
        all.join(" and ")
    }

    /// That one of some branches is picked.
    fn picked(self, id: ChoiceId, taken: &[u32]) -> String {
        let choice = self.graph().choice(id);
        let branches: Vec<&Branch> =
            taken.iter().filter_map(|at| choice.branches.get(*at as usize)).collect();
        match branches.as_slice() {
            [Branch::Hit] => return "the cache has the response".into(),
            [Branch::Miss] => return "the cache does not have the response".into(),
            _ => {}
        }
        let words: Vec<String> = branches.iter().map(|branch| self.branch(branch)).collect();
        let words = words.join(" or ");
        match choice.kind {
            // An address is somebody's, not picked.
            ChoiceKind::Address => format!("the address is that of {words}"),
            ChoiceKind::Line => {
                let of = &self.graph().resource(choice.of).id;
                let each = branches.iter().map(|branch| match branch {
                    Branch::Line(name) => self.line(of, name),
                    branch => self.branch(branch),
                });
                format!("{} is picked", each.collect::<Vec<_>>().join(" or "))
            }
            kind => match noun(kind) {
                "" => format!("{words} is picked"),
                noun => format!("{noun} {words} is picked"),
            },
        }
    }

    /// What a choice leaves open: `which NAT address of nat/tokyo is picked`.
    pub fn which(self, id: ChoiceId) -> String {
        let choice = self.graph().choice(id);
        let of = self.resource(choice.of);
        match choice.kind {
            ChoiceKind::Cache => format!("whether the cache of {of} has the response"),
            ChoiceKind::Address => format!("whose address of {of} it is"),
            ChoiceKind::NatGateway => "which NAT gateway is picked".into(),
            ChoiceKind::Backend => format!("which backend service of {of} is picked"),
            kind => format!("which {} of {of} is picked", noun(kind)),
        }
    }

    /// A line of a site: `VPN tunnel tokyo`.
    fn line(self, site: &str, name: &str) -> String {
        let lines = self.model.topology.onprem.get(site).map(|site| site.each_line());
        let line = lines.iter().flatten().find(|line| line.name == Some(name));
        format!("{} {name}", line.map_or("line", |line| line_noun(line.kind)))
    }

    /// A branch of a choice.
    fn branch(self, branch: &Branch) -> String {
        match branch {
            Branch::Miss => "miss".into(),
            Branch::Hit => "hit".into(),
            Branch::Address(address) => self.address(*address),
            Branch::Resource(kind, id) => format!("{kind}/{id}"),
            Branch::Unknown => "a service that is not known".into(),
            Branch::Mask(mask) => format!("URL mask {mask}"),
            Branch::Nothing => "nothing".into(),
            Branch::Number(number) => number.to_string(),
            Branch::Line(name) => name.to_string(),
            Branch::Weighted { backends, weight } => {
                let names: Vec<String> =
                    backends.iter().map(|id| format!("backend/{id}")).collect();
                format!("{} (weight {weight})", names.join(" or "))
            }
        }
    }
}

/// What a line of a site is.
pub fn line_noun(kind: LineKind) -> &'static str {
    match kind {
        LineKind::Vpn => "VPN tunnel",
        LineKind::ClassicVpn => "Classic VPN tunnel",
        LineKind::Interconnect => "VLAN attachment",
    }
}

/// What one branch of a kind of choice is; nothing where the branch says it.
fn noun(kind: ChoiceKind) -> &'static str {
    match kind {
        ChoiceKind::Cache | ChoiceKind::Backend | ChoiceKind::NatGateway => "",
        ChoiceKind::Neg => "the NEG of",
        ChoiceKind::NatRule => "NAT rule",
        ChoiceKind::NatAddress => "NAT address",
        ChoiceKind::Line => "VPN tunnel or VLAN attachment",
        ChoiceKind::Route => "equal-cost route",
        ChoiceKind::Machine => "backend instance",
        ChoiceKind::Address => "address",
    }
}

/// Who answers a query.
pub fn answerer(by: &Answerer) -> String {
    match by {
        Answerer::Public => "public".into(),
        Answerer::Zone(id) => format!("zone/{id}"),
        Answerer::ResponsePolicy(id) => format!("response_policy/{id}"),
        Answerer::DnsPolicy(id) => format!("dns_policy/{id}"),
        Answerer::Site(id) => format!("resolvers of onprem/{id}"),
    }
}

/// What a hop does to a reply.
fn reply(reply: Reply) -> &'static str {
    match reply {
        Reply::Connection => "part of an allowed connection",
        Reply::Response => "response to what was sent from here",
        Reply::Translation => "translated back",
        Reply::Route => "back to the sender",
        Reply::Onward => "leads the reply on",
        Reply::Proxy => "the proxy answers its client",
    }
}
