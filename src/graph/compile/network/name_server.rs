//! Which name servers answer what Cloud DNS forwards to them (EGR-121, EGR-247, EGR-248).

use std::net::IpAddr;

use ipnet::IpNet;

use super::dns::Resolvers;
use crate::graph::compile::Core;
use crate::rules::ranges::{CLOUD_DNS, PRIVATE};
use crate::topology::hybrid::{LineOf, Site};
use crate::topology::network::Network;
use crate::topology::record::{Id, Spanned};

/// Who answers of the servers that queries are forwarded to.
pub(super) enum NameServer {
    /// The resolvers of a site.
    Site(Id<Site>),
    /// One of which nothing is known.
    Unknown,
    /// None: no server is reached, or none knows the way back.
    Unreached,
}

impl Resolvers {
    /// Who answers of the servers that a network forwards queries to. The first that can.
    pub(super) fn answering(
        &self,
        core: &Core<'_>,
        network: Id<Network>,
        servers: &[Spanned<IpAddr>],
        private_routing: bool,
    ) -> NameServer {
        let each = servers.iter().map(|own| name_server(core, network, own.value, private_routing));
        let mut answer = NameServer::Unreached;
        for server in each {
            match server {
                NameServer::Site(_) => return server,
                NameServer::Unknown => answer = server,
                NameServer::Unreached => {}
            }
        }
        answer
    }

    /// Whether a network has a machine or a line in a region; in any, if the region is not known.
    pub(super) fn is_present(
        &self,
        core: &Core<'_>,
        network: Id<Network>,
        region: Option<&str>,
    ) -> bool {
        let topology = core.topology;
        let here = core.inventory.network(network);
        let fits = |own: &str| region.is_none_or(|region| region == own);
        let machine = here.vms.iter().any(|vm| {
            let region = topology.subnet_region(network, &topology.vms[*vm].subnet.value);
            region.is_none_or(fits)
        });
        let line = here
            .sites
            .iter()
            .any(|site| topology.onprem[*site].each_line().iter().any(|line| fits(line.region)));
        machine || line
    }
}

/// Who answers at an address that a network forwards queries to.
fn name_server(
    core: &Core<'_>,
    network: Id<Network>,
    address: IpAddr,
    private_routing: bool,
) -> NameServer {
    let topology = core.topology;
    let private = match address {
        IpAddr::V4(own) => own.is_private(),
        IpAddr::V6(own) => own.is_unique_local(),
    };
    if !private && !private_routing {
        // Such queries go to the internet, where only public addresses are.
        let nowhere = PRIVATE.iter().any(|range| range.contains(&address));
        return if nowhere { NameServer::Unreached } else { NameServer::Unknown };
    }
    let holds = |site: &Site| site.ranges.iter().any(|range| range.value.contains(&address));
    let (here, elsewhere): (Vec<_>, Vec<_>) = topology
        .onprem
        .with_ids()
        .filter(|(_, site)| holds(site))
        .partition(|(_, site)| topology.networks.id_of(&site.network.value) == Some(network));
    if let Some((site, _)) = here.iter().find(|(_, site)| answers_queries(site)) {
        return NameServer::Site(*site);
    }
    let in_subnet = |of: &Network| {
        let mut ranges = of.subnets.values().flat_map(|subnet| {
            let secondary = subnet.secondary.values().map(|range| range.value);
            subnet.ranges().chain(secondary).collect::<Vec<IpNet>>()
        });
        ranges.any(|range| range.contains(&address))
    };
    if in_subnet(&topology.networks[network]) {
        return NameServer::Unknown;
    }
    // Behind a peering it is not reached, and a site that was found does not answer.
    let beyond = topology.networks.values().any(in_subnet);
    let lost = beyond || !here.is_empty() || !elsewhere.is_empty();
    if lost { NameServer::Unreached } else { NameServer::Unknown }
}

/// Whether the resolvers of a site get queries that are forwarded to them, and know the way back
/// to where Cloud DNS asks from.
fn answers_queries(site: &Site) -> bool {
    let learned = |line: &LineOf<'_>| {
        let ranges = line.learns.unwrap_or_default().iter();
        let mut ranges = ranges.filter_map(|each| each.value.parse::<IpNet>().ok());
        ranges.any(|range| range.contains(&CLOUD_DNS))
    };
    site.each_line().iter().any(|line| !line.is_down() && learned(line))
}
