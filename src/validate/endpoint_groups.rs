//! Groups of endpoints that are not Cloud Run: what they need, and what may stand together.

use super::Checker;
use crate::source::{Span, codes};
use crate::topology::load_balancer::{
    Backend, EndpointGroup, EndpointGroupKind, LoadBalancer, LoadBalancerKind,
};
use crate::topology::record::Field;

codes! {
    ENDPOINT_GROUP_TARGET = Error "endpoint-group-target" "ING-224" {
        "an internet NEG that leads nowhere, or something else that leads to the internet",
        "an internet NEG leads to a host or an address, and no other group of endpoints does",
        "endpoint_groups:
  partner: {kind: internet}
",
    }
    ENDPOINT_GROUP_UNSUPPORTED = Error "endpoint-group-unsupported" {
        "a group of endpoints behind a load balancer that does not take it",
        "App Engine and functions of the first generation are behind global external and classic load \
         balancers only (ING-223), internet NEGs not behind cross-region internal ones (ING-224).",
        "endpoint_groups:
  shop: {kind: app-engine}
backends:
  shop: {endpoint_groups: [shop]}
load_balancers:
  edge: {kind: regional-external, region: europe-west1, url_map: {default: shop}}
",
    }
    ENDPOINT_GROUP_REGION = Error "endpoint-group-region" {
        "a group of endpoints of another region behind a regional load balancer",
        "What is behind a regional load balancer is in its region.",
        "endpoint_groups:
  shop: {kind: instance-group, region: europe-west3}
backends:
  shop: {endpoint_groups: [shop]}
load_balancers:
  edge: {kind: regional-external, region: europe-west1, url_map: {default: shop}}
",
    }
    MIXED_NEGS = Error "mixed-negs" {
        "backends of two sorts in a backend service",
        "What a backend service leads to is all of one sort; zonal and hybrid NEGs may stand together \
         (ING-223).",
        "services:
  web: {region: europe-west1}
backends:
  web: {services: [web], psc_negs: [europe-west1-run.googleapis.com]}
",
    }
}

impl EndpointGroupKind {
    /// The sort of backends that it is of.
    fn sort(self) -> &'static str {
        match self {
            EndpointGroupKind::InstanceGroup => "instance groups",
            EndpointGroupKind::Zonal | EndpointGroupKind::Hybrid => "zonal or hybrid NEGs",
            EndpointGroupKind::AppEngine => "NEGs of App Engine",
            EndpointGroupKind::CloudFunction => "NEGs of functions",
            EndpointGroupKind::Internet => "internet NEGs",
        }
    }

    /// Whether a kind of load balancer takes it.
    fn is_behind(self, kind: LoadBalancerKind) -> bool {
        match self {
            EndpointGroupKind::AppEngine | EndpointGroupKind::CloudFunction => {
                matches!(kind, LoadBalancerKind::GlobalExternal | LoadBalancerKind::Classic)
            }
            EndpointGroupKind::Internet => kind != LoadBalancerKind::CrossRegionInternal,
            _ => true,
        }
    }
}

impl Checker<'_, '_> {
    pub(super) fn endpoint_groups(&mut self) {
        let topology = self.topology;
        for (id, entry) in &topology.endpoint_groups {
            self.endpoint_group_target(&entry.value, &format!("endpoint_group/{id}"));
        }
        for (id, entry) in &topology.backends {
            let resource = format!("backend/{id}");
            self.mixed_negs(&entry.value, &resource);
            let fronts: Vec<(&str, &LoadBalancer)> = self.relations.fronts(topology, id).collect();
            for (front, load_balancer) in fronts {
                for name in &entry.value.endpoint_groups {
                    let Some(group) = topology.endpoint_groups.get(&name.value) else { continue };
                    self.endpoint_group_front(group, name.span, front, load_balancer, &resource);
                }
            }
        }
    }

    fn endpoint_group_target(&mut self, group: &EndpointGroup, resource: &str) {
        let kind = &group.kind;
        let targets = [
            group.host.as_ref().map(|host| host.span),
            group.address.as_ref().map(|address| address.span),
        ];
        let mut targets = targets.into_iter().flatten();
        let (message, at, help) = match (kind.value, targets.next(), targets.next()) {
            (EndpointGroupKind::Internet, None, _) => (
                format!("{resource} is an internet NEG that leads nowhere"),
                kind.span,
                "add `host` or `address`",
            ),
            (EndpointGroupKind::Internet, _, Some(second)) => (
                format!("{resource} leads to a host and to an address"),
                second,
                "leave one of them out",
            ),
            (EndpointGroupKind::Internet, Some(_), None) | (_, None, _) => return,
            (_, Some(first), _) => (
                format!("{resource} is no internet NEG, and leads to the internet"),
                first,
                "leave it out, or write `kind: internet`",
            ),
        };
        let finding = ENDPOINT_GROUP_TARGET.finding(message).at(at);
        self.report(finding.help(help).resource(resource));
    }

    /// Backends of two sorts.
    fn mixed_negs(&mut self, backend: &Backend, resource: &str) {
        let topology = self.topology;
        let services = backend.services.first().map(|neg| ("serverless NEGs", neg.span));
        let published =
            backend.psc_negs.first().map(|neg| ("Private Service Connect NEGs", neg.span));
        let groups = backend.endpoint_groups.iter().filter_map(|name| {
            let group = topology.endpoint_groups.get(&name.value)?;
            Some((group.kind.value.sort(), name.span))
        });
        let mut sorts = services.into_iter().chain(published).chain(groups);
        let Some((first, before)) = sorts.next() else { return };
        if let Some((second, at)) = sorts.find(|(sort, _)| *sort != first) {
            let message = format!("{resource} has {first} and {second}");
            let finding = MIXED_NEGS.finding(message).at(at).also(before, "the other sort");
            self.report(finding.help("make a backend of each sort").resource(resource));
        }
    }

    /// What a load balancer in front asks of a group.
    fn endpoint_group_front(
        &mut self,
        group: &EndpointGroup,
        at: Span,
        front: &str,
        load_balancer: &LoadBalancer,
        resource: &str,
    ) {
        let kind = &load_balancer.kind;
        if !group.kind.value.is_behind(kind.value) {
            let message = format!(
                "{resource} has {}, which load_balancer/{front} of kind `{}` does not take",
                group.kind.value.sort(),
                kind.value
            );
            let finding = ENDPOINT_GROUP_UNSUPPORTED.finding(message).at(at);
            self.report(finding.also(kind.span, "its kind").resource(resource));
        }
        let (Some(theirs), Some(field)) = (&group.region, &load_balancer.region) else { return };
        if kind.value.is_regional()
            && let Some(own) = Field::known(field)
            && *own != theirs.value
        {
            let message = format!(
                "what {resource} leads to is in `{}`, load_balancer/{front} in `{own}`",
                theirs.value
            );
            let finding = ENDPOINT_GROUP_REGION.finding(message).at(at);
            let finding = finding.also(field.span, "the load balancer's region");
            self.report(finding.resource(resource));
        }
    }
}
