//! A builder for each question.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::question::answer::Answer;
use crate::question::{AskError, Model, RequestFilter};
use crate::question::{bypass, egress, exposure, reach, trace};
use crate::topology::firewall::Protocol;

/// Which requests a question is about: what all builders that can be restricted have.
macro_rules! only_these_requests {
    () => {
        /// Only requests to this host.
        #[must_use]
        pub fn host(self, host: impl Into<String>) -> Self {
            self.filtered(|filter| filter.host = Some(host.into()))
        }

        /// Only requests with this path; a final `*` means every path that begins so.
        #[must_use]
        pub fn path(self, path: impl Into<String>) -> Self {
            self.filtered(|filter| filter.path = Some(path.into()))
        }

        /// Only requests of this protocol; of TCP if nothing is said.
        #[must_use]
        pub fn protocol(self, protocol: Protocol) -> Self {
            self.filtered(|filter| filter.protocol = Some(protocol))
        }

        /// Only requests to this port.
        #[must_use]
        pub fn port(self, port: u16) -> Self {
            self.filtered(|filter| filter.port = Some(port))
        }

        /// Only requests with this method.
        #[must_use]
        pub fn method(self, method: impl Into<String>) -> Self {
            self.filtered(|filter| filter.method = Some(method.into()))
        }

        /// Only requests of this principal: `anonymous`, or an IAM member.
        #[must_use]
        pub fn principal(self, principal: impl Into<String>) -> Self {
            self.filtered(|filter| filter.principal = Some(principal.into()))
        }

        /// Only requests from this address or range.
        #[must_use]
        pub fn source_ip(self, range: impl Into<IpNet>) -> Self {
            self.filtered(|filter| filter.source_ip = Some(range.into()))
        }

        /// Only requests from this region (ISO 3166-1 alpha-2).
        #[must_use]
        pub fn region(self, region: impl Into<String>) -> Self {
            self.filtered(|filter| filter.region = Some(region.into()))
        }

        only_with_condition!();
    };
}

/// The part of it that `egress` has as well.
macro_rules! only_with_condition {
    () => {
        /// Only requests that have a property (`waf/sqli-v33-stable`), or do not have it.
        #[must_use]
        pub fn condition(self, name: impl Into<String>, holds: bool) -> Self {
            self.filtered(|filter| filter.conditions.push((name.into(), holds)))
        }

        fn filtered(mut self, set: impl FnOnce(&mut RequestFilter)) -> Self {
            set(&mut self.parameters.filter);
            self
        }
    };
}

/// Can requests get from some places to others, and by which paths?
///
/// ```
/// use portolan::{Description, Reach, Verdict};
///
/// let model = Description::new().path("topologies/armor-closed").load().compile()?;
/// let answer = Reach::from("internet")
///     .to("service/web")
///     .avoid("security_policy/edge")
///     .host("www.example.com")
///     .ask(&model)?;
/// assert_eq!(answer.verdict(), Some(Verdict::No));
/// # Ok::<(), portolan::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Reach {
    parameters: reach::Parameters,
}

impl Reach {
    /// From where: `internet`, `service/web`, `service/*`, `label:team=shop`, an IAM member. May be
    /// said of several, by [`and_from`](Self::and_from).
    pub fn from(selector: impl Into<String>) -> Self {
        Self { parameters: reach::Parameters { from: vec![selector.into()], ..Default::default() } }
    }

    /// From there, too.
    #[must_use]
    pub fn and_from(mut self, selector: impl Into<String>) -> Self {
        self.parameters.from.push(selector.into());
        self
    }

    /// To what; may be said several times.
    #[must_use]
    pub fn to(mut self, selector: impl Into<String>) -> Self {
        self.parameters.to.push(selector.into());
        self
    }

    /// Only by paths through this.
    #[must_use]
    pub fn via(mut self, selector: impl Into<String>) -> Self {
        self.parameters.via = Some(selector.into());
        self
    }

    /// Only by paths that do not pass this.
    #[must_use]
    pub fn avoid(mut self, selector: impl Into<String>) -> Self {
        self.parameters.avoid = Some(selector.into());
        self
    }

    /// Lists what is refused, too.
    #[must_use]
    pub fn refused(mut self) -> Self {
        self.parameters.refused = true;
        self
    }

    only_these_requests!();

    /// Asks it.
    pub fn ask<'m>(&self, model: &'m Model) -> Result<Answer<'m>, AskError> {
        reach::ask(model, &self.parameters)
    }
}

/// Can a guard be bypassed: which entry paths pass it, and which do not?
///
/// ```
/// use portolan::answer::GuardState;
/// use portolan::{Bypass, Description, Verdict};
///
/// let model = Description::new().path("topologies/armor-bypassed").load().compile()?;
/// let answer = Bypass::of("security_policy/edge").ask(&model)?;
/// assert_eq!(answer.verdict(), Some(Verdict::Yes));
///
/// let paths = answer.paths().expect("it lists paths");
/// let unguarded = paths.heads().iter().filter(|path| path.guard == Some(GuardState::Unguarded));
/// assert_eq!(unguarded.count(), 1);
/// # Ok::<(), portolan::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Bypass {
    parameters: bypass::Parameters,
}

impl Bypass {
    /// What must not be avoided: `security_policy/edge`, `iap/web`, `load_balancer/*`.
    pub fn of(guard: impl Into<String>) -> Self {
        Self { parameters: bypass::Parameters { guard: guard.into(), ..Default::default() } }
    }

    /// Whose paths count; `internet` if nothing is said. May be said several times.
    #[must_use]
    pub fn from(mut self, selector: impl Into<String>) -> Self {
        self.parameters.from.push(selector.into());
        self
    }

    /// To what; every service behind the guard if nothing is said. May be said several times.
    #[must_use]
    pub fn to(mut self, selector: impl Into<String>) -> Self {
        self.parameters.to.push(selector.into());
        self
    }

    /// Takes a guard that can refuse nothing on a path for one.
    #[must_use]
    pub fn lenient(mut self) -> Self {
        self.parameters.lenient = true;
        self
    }

    /// Lists what is refused, too.
    #[must_use]
    pub fn refused(mut self) -> Self {
        self.parameters.refused = true;
        self
    }

    only_these_requests!();

    /// Asks it.
    pub fn ask<'m>(&self, model: &'m Model) -> Result<Answer<'m>, AskError> {
        bypass::ask(model, &self.parameters)
    }
}

/// As which addresses does a sender arrive?
///
/// ```
/// use portolan::answer::{Seen, Stability};
/// use portolan::{Description, Egress};
///
/// let model = Description::new().path("topologies/static-egress").load().compile()?;
/// let answer = Egress::from("service/web").to("external/billing-saas").ask(&model)?;
/// let [only] = answer.addresses() else { panic!("it has one address") };
/// assert_eq!(only.address, Seen::One([203, 0, 113, 10].into()));
/// assert_eq!(only.stability, Stability::Static);
/// assert_eq!(model.resource(only.owner.unwrap()).to_string(), "nat/tokyo");
/// # Ok::<(), portolan::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Egress {
    parameters: egress::Parameters,
}

impl Egress {
    /// Who sends.
    pub fn from(selector: impl Into<String>) -> Self {
        Self { parameters: egress::Parameters { from: selector.into(), ..Default::default() } }
    }

    /// To what; to everything outside if no destination is named.
    #[must_use]
    pub fn to(mut self, selector: impl Into<String>) -> Self {
        self.parameters.to = Some(selector.into());
        self
    }

    /// To which host.
    #[must_use]
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.parameters.host = Some(host.into());
        self
    }

    /// To which address.
    #[must_use]
    pub fn ip(mut self, address: impl Into<IpAddr>) -> Self {
        self.parameters.ip = Some(address.into());
        self
    }

    only_with_condition!();

    /// Asks it.
    pub fn ask<'m>(&self, model: &'m Model) -> Result<Answer<'m>, AskError> {
        egress::ask(model, &self.parameters)
    }
}

/// What happens to one request, step by step, and what does its sender see?
///
/// ```
/// use portolan::{Description, Trace, Verdict};
///
/// let model = Description::new().path("topologies/armor-closed").load().compile()?;
/// let answer = Trace::from("internet").url("https://www.example.com/").ask(&model)?;
/// assert_eq!(answer.verdict(), Some(Verdict::Yes));
/// assert_eq!(answer.summary(), "yes: delivered 200 to service/web");
/// # Ok::<(), portolan::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Trace {
    parameters: trace::Parameters,
}

impl Trace {
    /// Who sends.
    pub fn from(selector: impl Into<String>) -> Self {
        Self { parameters: trace::Parameters { from: selector.into(), ..Default::default() } }
    }

    /// To which URL.
    #[must_use]
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.parameters.url = url.into();
        self
    }

    /// Who it is: an IAM member such as `user:ana@example.com`; anonymous if nothing is said.
    #[must_use]
    pub fn principal(mut self, principal: impl Into<String>) -> Self {
        self.parameters.principal = Some(principal.into());
        self
    }

    /// The audience of its ID token; the right one for the service if nothing is said.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.parameters.audience = Some(audience.into());
        self
    }

    /// From which address.
    #[must_use]
    pub fn source_ip(mut self, address: impl Into<IpAddr>) -> Self {
        self.parameters.source_ip = Some(address.into());
        self
    }

    /// The address to connect to, instead of what the host resolves to.
    #[must_use]
    pub fn connect_to(mut self, address: impl Into<IpAddr>) -> Self {
        self.parameters.connect_to = Some(address.into());
        self
    }

    /// The method; GET if nothing is said.
    #[must_use]
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.parameters.method = Some(method.into());
        self
    }

    /// A header; may be said several times.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.headers.push((name.into(), value.into()));
        self
    }

    /// The region that it comes from (ISO 3166-1 alpha-2).
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.parameters.region = Some(region.into());
        self
    }

    /// A property that it has (`waf/sqli-v33-stable`), or does not have; it has none that is not
    /// named.
    #[must_use]
    pub fn condition(mut self, name: impl Into<String>, holds: bool) -> Self {
        self.parameters.conditions.push((name.into(), holds));
        self
    }

    /// Asks it.
    pub fn ask<'m>(&self, model: &'m Model) -> Result<Answer<'m>, AskError> {
        trace::ask(model, &self.parameters)
    }
}

/// Who gets in where: sources by services.
///
/// ```
/// use portolan::answer::{AnswerBody, CellState};
/// use portolan::{Description, Exposure};
///
/// let model = Description::new().path("topologies/armor-bypassed").load().compile()?;
/// let answer = Exposure::new().from("internet").ask(&model)?;
/// let AnswerBody::Exposure(table) = &answer.body else { panic!("it is a table") };
/// for row in table.rows.iter() {
///     assert_eq!(model.resource(row.service).to_string(), "service/web");
///     assert_eq!(row.cells[0].exposure, CellState::Open);
/// }
/// # Ok::<(), portolan::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Exposure {
    parameters: exposure::Parameters,
}

impl Exposure {
    /// Every source, and every service.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only these sources; may be said several times.
    #[must_use]
    pub fn from(mut self, selector: impl Into<String>) -> Self {
        self.parameters.from.push(selector.into());
        self
    }

    /// Only these services; may be said several times.
    #[must_use]
    pub fn to(mut self, selector: impl Into<String>) -> Self {
        self.parameters.to.push(selector.into());
        self
    }

    /// Asks it.
    pub fn ask<'m>(&self, model: &'m Model) -> Result<Answer<'m>, AskError> {
        exposure::ask(model, &self.parameters)
    }
}
