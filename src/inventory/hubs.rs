//! Network Connectivity Center: the spokes of hubs, and which of them exchange routes.

use super::Inventory;
use crate::topology::Topology;
use crate::topology::hybrid::{NccHub, NccSpoke, Site};
use crate::topology::network::Network;
use crate::topology::record::{ById, Id};

/// The network of a spoke: the one that it is, or the one that its lines end in.
pub(super) fn network_of(topology: &Topology, spoke: Id<NccSpoke>) -> Option<Id<Network>> {
    let spoke = &topology.ncc_spokes[spoke];
    let name = match &spoke.network {
        Some(network) => network,
        None => &topology.onprem.get(&spoke.site.as_ref()?.value)?.network,
    };
    topology.networks.id_of(&name.value)
}

/// The spokes of each hub.
pub(super) fn by_hub(topology: &Topology) -> ById<NccHub, Vec<Id<NccSpoke>>> {
    let mut spokes = ById::new(&topology.ncc_hubs, |_| Vec::new());
    for (id, spoke) in topology.ncc_spokes.with_ids() {
        if let Some(hub) = topology.ncc_hubs.id_of(&spoke.hub.value) {
            spokes[hub].push(id);
        }
    }
    spokes
}

impl<'t> Inventory<'t> {
    /// The network of a spoke: the one that it is, or the one that its lines end in.
    pub fn spoke_network(&self, spoke: Id<NccSpoke>) -> Option<Id<Network>> {
        self.spoke_networks[spoke]
    }

    /// The hub of a spoke.
    pub fn hub_of(&self, spoke: Id<NccSpoke>) -> Option<Id<NccHub>> {
        self.topology.ncc_hubs.id_of(&self.topology.ncc_spokes[spoke].hub.value)
    }

    /// The site whose lines a spoke is.
    pub fn spoke_site(&self, spoke: Id<NccSpoke>) -> Option<Id<Site>> {
        let site = self.topology.ncc_spokes[spoke].site.as_ref()?;
        self.topology.onprem.id_of(&site.value)
    }

    /// The spokes of a hub.
    pub fn spokes_of(&self, hub: Id<NccHub>) -> &[Id<NccSpoke>] {
        &self.spokes[hub]
    }

    /// Whether two spokes of a hub exchange routes (EGR-164).
    pub fn exchange(&self, hub: Id<NccHub>, one: &NccSpoke, other: &NccSpoke) -> bool {
        self.topology.exchange(hub, one, other)
    }
}
