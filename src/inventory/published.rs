//! Published services: what service attachments publish, and whom they accept.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Inventory;
use crate::topology::load_balancer::LoadBalancer;
use crate::topology::network::Passthrough;
use crate::topology::organization::Project;
use crate::topology::private_access::{PscEndpoint, ServiceAttachment};
use crate::topology::record::Id;

/// The load balancers that each leads to by NEGs.
pub type Chains = FxHashMap<Id<LoadBalancer>, Vec<Id<LoadBalancer>>>;

/// What a service attachment publishes: an internal load balancer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublishedTarget {
    /// An Application Load Balancer.
    LoadBalancer(Id<LoadBalancer>),
    /// A passthrough one.
    Passthrough(Id<Passthrough>),
}

impl<'t> Inventory<'t> {
    /// What a service attachment publishes, with or without its kind in front; of two of a name the
    /// one that can be published.
    pub fn published(&self, name: &str) -> Option<PublishedTarget> {
        let topology = self.topology;
        let balancer =
            |id: &str| topology.load_balancers.id_of(id).map(PublishedTarget::LoadBalancer);
        let passthrough = |id: &str| {
            topology.passthrough_load_balancers.id_of(id).map(PublishedTarget::Passthrough)
        };
        match name.split_once('/') {
            Some(("load_balancer", id)) => balancer(id),
            Some(("passthrough_load_balancer", id)) => passthrough(id),
            _ => {
                let own = topology.load_balancers.get(name);
                if own.is_some_and(|own| own.kind.value.is_internal()) {
                    balancer(name)
                } else {
                    passthrough(name).or_else(|| balancer(name))
                }
            }
        }
    }

    /// The load balancers that others lead to by Private Service Connect NEGs.
    pub fn chains(&self) -> Chains {
        let topology = self.topology;
        let mut chains = Chains::default();
        for (id, load_balancer) in topology.load_balancers.with_ids() {
            let backends = load_balancer.backends();
            let backends = backends.into_iter().filter_map(|id| topology.backends.get(id));
            for neg in backends.flat_map(|backend| &backend.psc_negs) {
                let target = neg.target.value.strip_prefix("service_attachment/");
                let attachment = target.and_then(|name| topology.service_attachments.get(name));
                let published = attachment.and_then(|own| self.published(&own.load_balancer.value));
                if let Some(PublishedTarget::LoadBalancer(behind)) = published {
                    chains.entry(id).or_default().push(behind);
                }
            }
        }
        chains
    }

    /// Whether what a service attachment publishes leads back to a load balancer by these chains.
    pub fn leads_back(
        &self,
        chains: &Chains,
        load_balancer: Id<LoadBalancer>,
        published: &str,
    ) -> bool {
        match self.published(published) {
            Some(PublishedTarget::LoadBalancer(first)) => leads_to(chains, first, load_balancer),
            _ => false,
        }
    }

    /// Whether the lists of an attachment accept a consumer; being refused goes first (EGR-167).
    pub fn accepts(
        &self,
        attachment: &ServiceAttachment,
        project: Option<Id<Project>>,
        network: Option<&str>,
    ) -> bool {
        self.topology.accepts(attachment, project, network)
    }

    /// Whether they accept an endpoint, by its network and the project of that.
    pub fn accepts_endpoint(&self, attachment: &ServiceAttachment, endpoint: &PscEndpoint) -> bool {
        self.topology.accepts_endpoint(attachment, endpoint)
    }
}

/// Whether a load balancer is another, or leads to it by these chains.
pub fn leads_to(chains: &Chains, first: Id<LoadBalancer>, last: Id<LoadBalancer>) -> bool {
    let mut seen = FxHashSet::default();
    let mut rest = vec![first];
    while let Some(id) = rest.pop() {
        if id == last {
            return true;
        }
        if seen.insert(id) {
            rest.extend(chains.get(&id).into_iter().flatten());
        }
    }
    false
}
