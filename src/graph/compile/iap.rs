//! Identity-Aware Proxy, on a service and on a backend (ING-139 to ING-153).

use super::identity::Right;
use super::{Core, Grants, Place, rule};
use crate::graph::expression::{Atom, ExpressionId, TextField, TextMatch};
use crate::graph::hop::{Body, Cause, FieldChange, HopId, Outcome, RuleVerdict, Switch};
use crate::graph::identity::{Identities, Principal};
use crate::graph::{HopKind, ResourceKind};
use crate::rules::RuleId;
use crate::topology::condition::TextTest;
use crate::topology::iam::{ACCESSOR, Iap};
use crate::topology::organization::Project;
use crate::topology::record::Id;
use crate::topology::service::Service;

impl Grants {
    /// IAP on the service itself: every way in passes it (ING-139).
    pub(super) fn service_iap(
        &mut self,
        core: &mut Core<'_>,
        of: Id<Service>,
        id: &str,
        service: &Service,
        next: HopId,
    ) -> HopId {
        let Some(iap) = &service.iap else { return next };
        let project = core.inventory.service_project(of);
        self.iap_hops(core, iap, id, project, RuleId::ing(139), next)
    }

    /// The hops of IAP before `next`: the OPTIONS exception, the gate, and the caller's identity
    /// replaced by that of IAP's agent (ING-141, ING-144).
    pub(super) fn iap_hops(
        &mut self,
        core: &mut Core<'_>,
        iap: &Iap,
        id: &str,
        project: Option<Id<Project>>,
        number: RuleId,
        next: HopId,
    ) -> HopId {
        let name = format!("iap/{id}");
        let enabled = core.whether(iap.enabled(), &format!("the switch of {name}"));
        let off = core.expressions.not(enabled);
        let always = core.expressions.always();
        if off == always {
            return next;
        }
        let at = iap.span;
        let resource = core.resource(ResourceKind::Iap, id);
        let agent = project
            .map(|project| Principal::IapAgent(core.inventory.iap_agent(project).into()))
            .and_then(|agent| core.identities.find_principal(&agent))
            .unwrap_or(Identities::ANONYMOUS);
        let place = Place::new(resource, HopKind::IapAgent, RuleId::ing(141), at);
        let changes = vec![FieldChange::Identity {
            principal: agent,
            credential: Identities::IAP_AGENT_TOKEN,
        }];
        let as_agent = core.hop(place, Body::Rewrite { changes: changes.into(), next });

        let list = {
            let mut grants =
                vec![self.access(core, &iap.accessors, ACCESSOR, Right::PassIap, &name)];
            grants.extend(project.map(|each| self.inherited_access(core, each, Right::PassIap)));
            let access = self.either(core, &grants);
            let signed_in = core.expressions.atom(Atom::Credential(
                vec![(Identities::IAP_LOGIN, Identities::IAP_TOKEN)].into(),
            ));
            let client = core
                .whether(iap.oauth_client(), &format!("whether {name} has a usable OAuth client"));
            let no_client = core.expressions.not(client);
            let mut accessor = core.expressions.all([access.identified, signed_in]);
            let strangers = self.outside_organization(core);
            if number == RuleId::ing(139) && !strangers.is_empty() {
                let stranger = core.expressions.atom(Atom::Principal(strangers.into()));
                let own = core.expressions.not(stranger);
                let any = core.disputed("direct-iap-outside-organization");
                let admitted = core.expressions.any([own, any]);
                accessor = core.expressions.all([accessor, admitted]);
            }
            let token = Atom::Credential([(Identities::IAP_TOKEN, Identities::IAP_TOKEN)].into());
            let token = core.expressions.atom(token);
            let by_token = core.expressions.all([accessor, token]);
            let misconfigured = core.refuse(Cause::IapMisconfigured, 502);
            let unauthenticated = core.refuse(Cause::IapUnauthenticated, 401);
            let denied = core.refuse(Cause::IapDenied, 403);
            let sign_in = RuleVerdict::Refuse(core.outcome(Outcome::Redirected {
                status: 302,
                location: Some("https://accounts.google.com/".into()),
            }));
            let browser = self.browser(core);
            let no_credential = core
                .expressions
                .atom(Atom::Credential(vec![(Identities::NONE, Identities::NONE)].into()));
            let page = core.expressions.all([browser, no_credential]);
            let not_signed_in = core.expressions.not(signed_in);
            let never = core.expressions.never();
            let rules = vec![
                rule(no_client, misconfigured, at, Some(RuleId::ing(216))),
                rule(access.everybody, RuleVerdict::Pass, at, Some(RuleId::ing(143))),
                rule(by_token, RuleVerdict::Pass, at, Some(RuleId::ing(148))),
                rule(accessor, RuleVerdict::Pass, at, Some(RuleId::ing(143))),
                rule(page, sign_in, at, Some(RuleId::ing(147))),
                rule(not_signed_in, unauthenticated, at, Some(RuleId::ing(147))),
            ];
            let rules = rules.into_iter().filter(|rule| rule.when != never).collect();
            core.list(rules, denied)
        };
        let place = Place::new(resource, HopKind::Iap, number, at);
        let gate = core.hop(place, Body::Gate { list, next: as_agent });

        // What passes IAP without being asked: OPTIONS where that is allowed (ING-149), and
        // everything where IAP turns out to be off.
        let options_pass =
            core.whether(iap.allow_http_options(), &format!("whether {name} lets OPTIONS pass"));
        let mut branches = Vec::new();
        let never = core.expressions.never();
        if off != never {
            branches.push((off, next));
        }
        if options_pass != never {
            let options = core.method("OPTIONS");
            let when = core.expressions.all([options_pass, options]);
            branches.push((when, next));
        }
        if branches.is_empty() {
            return gate;
        }
        let place = Place::new(resource, HopKind::IapException, RuleId::ing(149), at);
        let switch = Switch::FirstMatch { branches: branches.into(), otherwise: gate };
        core.hop(place, Body::Switch(switch))
    }

    /// A browser that asks for a page: GET, with an Accept header for HTML (ING-147).
    fn browser(&mut self, core: &mut Core<'_>) -> ExpressionId {
        let get = core.method("GET");
        let accept = TextField::Header("accept".into());
        let html: Vec<ExpressionId> = ["text/html", "*/*"]
            .into_iter()
            .map(|kind| {
                let test = TextTest::Contains(kind.into());
                let matched = TextMatch { test, ignore_case: false };
                core.expressions.atom(Atom::Text(accept.clone(), matched))
            })
            .collect();
        let html = core.expressions.any(html);
        core.expressions.all([get, html])
    }
}

impl Core<'_> {
    fn method(&mut self, method: &str) -> ExpressionId {
        let test = TextTest::Equals(method.into());
        let matched = TextMatch { test, ignore_case: false };
        self.expressions.atom(Atom::Text(TextField::Method, matched))
    }
}
