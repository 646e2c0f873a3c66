//! Outside parties inside networks and behind them: a party is where its addresses are (EGR-257).

use ipnet::IpNet;

use crate::graph::compile::{Core, Networks, Place};
use crate::graph::hop::{Body, FieldChange, HopId, ResourceId};
use crate::graph::{HopKind, Placeholder, ResourceKind};
use crate::rules::RuleId;
use crate::source::Span;
use crate::topology::network::{Network, SubnetPurpose};
use crate::topology::record::{Id, Spanned};

impl<'t> Networks<'t> {
    /// The outside parties that have addresses in some ranges.
    pub(super) fn parties_at(
        &mut self,
        core: &mut Core<'t>,
        ranges: &[Spanned<IpNet>],
    ) -> Vec<(IpNet, HopId)> {
        let ranges: Vec<IpNet> = ranges.iter().map(|range| range.value).collect();
        self.load_balancers.outside.parties_in(core, &ranges)
    }

    /// The outside parties that have addresses in subnets of a network.
    pub(super) fn parties_in_subnets(
        &mut self,
        core: &mut Core<'t>,
        network: Id<Network>,
    ) -> Vec<(IpNet, HopId)> {
        let subnets = core.topology.networks[network].subnets.values();
        let ordinary = subnets.filter(|subnet| subnet.purpose() == SubnetPurpose::Private);
        let ranges: Vec<IpNet> = ordinary
            .flat_map(|subnet| {
                subnet.ranges().chain(subnet.secondary.values().map(|range| range.value))
            })
            .collect();
        self.load_balancers.outside.parties_in(core, &ranges)
    }

    /// What leaves the known world ends there, as forwarded (EGR-165), or at a party that is there.
    pub(super) fn beyond_the_known(
        &mut self,
        core: &mut Core<'t>,
        resource: ResourceId,
        at: Span,
        ranges: &[Spanned<IpNet>],
    ) -> HopId {
        let place = Place::new(resource, HopKind::Forwarded, RuleId::egr(165), at);
        let end = core.deliver(place, resource);
        let parties = self.parties_at(core, ranges);
        core.besides(Place { rule: RuleId::egr(257), ..place }, parties, end)
    }

    /// The managed services of a network, and parties among them: services of others by private
    /// services access.
    pub(super) fn managed_services(&mut self, core: &mut Core<'t>, network: Id<Network>) -> HopId {
        let (id, entry) = core.topology.networks.at(network);
        let at = entry.key_span;
        let resource = core.resource(ResourceKind::Network, id);
        let managed = core.managed(network);
        let parties = self.load_balancers.outside.parties_in(core, &core.managed_ranges(network));
        let place = Place::new(resource, HopKind::PrivateServicesAccess, RuleId::egr(257), at);
        core.besides(place, parties, managed)
    }

    /// The service that an outside party publishes: it sees addresses of its own subnets for
    /// translation, which nobody here knows (EGR-168).
    pub(super) fn published_by_a_party(
        &mut self,
        core: &mut Core<'t>,
        target: &str,
    ) -> Option<HopId> {
        let of = core.topology.externals.id_of(target)?;
        let (id, entry) = core.topology.externals.at(of);
        let next = self.load_balancers.outside.party(core, of)?;
        let resource = core.resource(ResourceKind::External, id);
        let what = Placeholder::OneOf(ResourceKind::External, (&**id).into());
        let changes = vec![FieldChange::Source(core.address(None, what, true))].into();
        let number = RuleId::egr(168);
        let place = Place::new(resource, HopKind::ServiceAttachment, number, entry.key_span);
        Some(core.hop(place, Body::Rewrite { changes, next }))
    }
}
