//! Every binding, with what it is for.

use crate::topology::Topology;
use crate::topology::iam::{ACCESSOR, Binding, INVOKER};

/// What a binding is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Under `invokers`.
    Invocation,
    /// Under `accessors`.
    Iap,
    /// Under `iam`, of anything.
    Any,
}

/// A binding of something.
pub(crate) struct Bound<'t> {
    pub binding: &'t Binding,
    pub purpose: Purpose,
    pub resource: String,
}

impl<'t> Bound<'t> {
    /// The role that it gives, if it is known.
    pub fn role(&self) -> Option<&'t str> {
        match (&self.binding.role, self.purpose) {
            (Some(role), _) => role.known().map(String::as_str),
            (None, Purpose::Invocation) => Some(INVOKER),
            (None, Purpose::Iap) => Some(ACCESSOR),
            (None, Purpose::Any) => None,
        }
    }
}

/// All bindings of a topology.
pub(crate) fn bindings(topology: &Topology) -> impl Iterator<Item = Bound<'_>> {
    let services = topology.services.iter().flat_map(|(id, entry)| {
        let service = &entry.value;
        let resource = format!("service/{id}");
        let iap = service.iap.iter().flat_map(|iap| &iap.accessors);
        let invokers = service.invokers.iter().map(|own| (own, Purpose::Invocation));
        let all = invokers
            .chain(service.iam.iter().map(|own| (own, Purpose::Any)))
            .chain(iap.map(|own| (own, Purpose::Iap)));
        all.map(move |(binding, purpose)| Bound { binding, purpose, resource: resource.clone() })
    });
    let backends = topology.backends.iter().flat_map(|(id, entry)| {
        let iap = entry.value.iap.iter().flat_map(|iap| &iap.accessors);
        let resource = move || format!("backend/{id}");
        iap.map(move |own| Bound { binding: own, purpose: Purpose::Iap, resource: resource() })
    });
    let jobs = topology.jobs.iter().flat_map(|(id, entry)| {
        entry.value.iam.iter().map(move |own| any(own, format!("job/{id}")))
    });
    above(topology).chain(services).chain(backends).chain(jobs)
}

/// The bindings on projects and above.
pub(crate) fn above(topology: &Topology) -> impl Iterator<Item = Bound<'_>> {
    let organization = topology.organization.iter().flat_map(|own| &own.iam);
    let organization = organization.map(|own| any(own, "organization".to_owned()));
    let folders = topology.folders.iter().flat_map(|(id, entry)| {
        entry.value.iam.iter().map(move |own| any(own, format!("folder/{id}")))
    });
    let projects = topology.projects.iter().flat_map(|(id, entry)| {
        entry.value.iam.iter().map(move |own| any(own, format!("project/{id}")))
    });
    organization.chain(folders).chain(projects)
}

fn any(binding: &Binding, resource: String) -> Bound<'_> {
    Bound { binding, purpose: Purpose::Any, resource }
}
