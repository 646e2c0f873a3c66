//! Identity-Aware Proxy, on a service and on a backend (ING-139 to ING-153).

use super::identity::Right;
use super::{Builder, Place, rule};
use crate::graph::expression::{Atom, ExpressionId, TextField, TextMatch};
use crate::graph::hop::{Body, Cause, Change, HopId, Outcome, Switch, Verdict};
use crate::graph::identity::{Identities, Principal};
use crate::graph::{HopKind, ResourceKind};
use crate::rules::RuleId;
use crate::topology::condition::TextTest;
use crate::topology::iam::{ACCESSOR, Iap};
use crate::topology::organization::Project;
use crate::topology::record::Id;
use crate::topology::service::Service;

impl Builder<'_> {
    /// IAP on the service itself: every way in passes it (ING-139).
    pub(super) fn service_iap(
        &mut self,
        of: Id<Service>,
        id: &str,
        service: &Service,
        next: HopId,
    ) -> HopId {
        let Some(iap) = &service.iap else { return next };
        let project = self.inventory.service_project(of);
        self.iap_hops(iap, id, project, RuleId::ing(139), next)
    }

    /// The hops of IAP before `next`: the OPTIONS exception, the gate, and the caller's identity
    /// replaced by that of IAP's agent (ING-141, ING-144).
    pub(super) fn iap_hops(
        &mut self,
        iap: &Iap,
        id: &str,
        project: Option<Id<Project>>,
        number: RuleId,
        next: HopId,
    ) -> HopId {
        let name = format!("iap/{id}");
        let enabled = self.whether(iap.enabled.as_ref(), true, &format!("the switch of {name}"));
        let off = self.expressions.not(enabled);
        let always = self.expressions.always();
        if off == always {
            return next;
        }
        let at = iap.span;
        let resource = self.resource(ResourceKind::Iap, id);
        let agent = project
            .map(|project| Principal::IapAgent(self.inventory.iap_agent(project).into()))
            .and_then(|agent| self.identities.find_principal(&agent))
            .unwrap_or(Identities::ANONYMOUS);
        let place = Place::new(resource, HopKind::IapAgent, RuleId::ing(141), at);
        let changes =
            vec![Change::Identity { principal: agent, credential: Identities::IAP_AGENT_TOKEN }];
        let as_agent = self.hop(place, Body::Rewrite { changes: changes.into(), next });

        let list = {
            let mut grants = vec![self.access(&iap.accessors, ACCESSOR, Right::PassIap, &name)];
            grants.extend(project.map(|each| self.inherited_access(each, Right::PassIap)));
            let access = self.either(&grants);
            let signed_in = self.expressions.atom(Atom::Credential(
                vec![(Identities::IAP_LOGIN, Identities::IAP_TOKEN)].into(),
            ));
            let client = self.whether(
                iap.oauth_client.as_ref(),
                true,
                &format!("whether {name} has a usable OAuth client"),
            );
            let no_client = self.expressions.not(client);
            let mut accessor = self.expressions.all([access.identified, signed_in]);
            let strangers = self.outside_organization();
            if number == RuleId::ing(139) && !strangers.is_empty() {
                let stranger = self.expressions.atom(Atom::Principal(strangers.into()));
                let own = self.expressions.not(stranger);
                let any = self.disputed("direct-iap-outside-organization");
                let admitted = self.expressions.any([own, any]);
                accessor = self.expressions.all([accessor, admitted]);
            }
            let token = Atom::Credential([(Identities::IAP_TOKEN, Identities::IAP_TOKEN)].into());
            let token = self.expressions.atom(token);
            let by_token = self.expressions.all([accessor, token]);
            let misconfigured = self.refuse(Cause::IapMisconfigured, 502);
            let unauthenticated = self.refuse(Cause::IapUnauthenticated, 401);
            let denied = self.refuse(Cause::IapDenied, 403);
            let sign_in = Verdict::Refuse(self.outcome(Outcome::Redirected {
                status: 302,
                location: Some("https://accounts.google.com/".into()),
            }));
            let browser = self.browser();
            let no_credential = self
                .expressions
                .atom(Atom::Credential(vec![(Identities::NONE, Identities::NONE)].into()));
            let page = self.expressions.all([browser, no_credential]);
            let not_signed_in = self.expressions.not(signed_in);
            let never = self.expressions.never();
            let rules = vec![
                rule(no_client, misconfigured, at, Some(RuleId::ing(216))),
                rule(access.everybody, Verdict::Pass, at, Some(RuleId::ing(143))),
                rule(by_token, Verdict::Pass, at, Some(RuleId::ing(148))),
                rule(accessor, Verdict::Pass, at, Some(RuleId::ing(143))),
                rule(page, sign_in, at, Some(RuleId::ing(147))),
                rule(not_signed_in, unauthenticated, at, Some(RuleId::ing(147))),
            ];
            let rules = rules.into_iter().filter(|rule| rule.when != never).collect();
            self.list(rules, denied)
        };
        let place = Place::new(resource, HopKind::Iap, number, at);
        let gate = self.hop(place, Body::Gate { list, next: as_agent });

        // What passes IAP without being asked: OPTIONS where that is allowed (ING-149), and
        // everything where IAP turns out to be off.
        let options_pass = self.whether(
            iap.allow_http_options.as_ref(),
            false,
            &format!("whether {name} lets OPTIONS pass"),
        );
        let mut branches = Vec::new();
        let never = self.expressions.never();
        if off != never {
            branches.push((off, next));
        }
        if options_pass != never {
            let options = self.method("OPTIONS");
            let when = self.expressions.all([options_pass, options]);
            branches.push((when, next));
        }
        if branches.is_empty() {
            return gate;
        }
        let place = Place::new(resource, HopKind::IapException, RuleId::ing(149), at);
        let switch = Switch::FirstMatch { branches: branches.into(), otherwise: gate };
        self.hop(place, Body::Switch(switch))
    }

    /// A browser that asks for a page: GET, with an Accept header for HTML (ING-147).
    fn browser(&mut self) -> ExpressionId {
        let get = self.method("GET");
        let accept = TextField::Header("accept".into());
        let html: Vec<ExpressionId> = ["text/html", "*/*"]
            .into_iter()
            .map(|kind| {
                let test = TextTest::Contains(kind.into());
                let matched = TextMatch { test, ignore_case: false };
                self.expressions.atom(Atom::Text(accept.clone(), matched))
            })
            .collect();
        let html = self.expressions.any(html);
        self.expressions.all([get, html])
    }

    fn method(&mut self, method: &str) -> ExpressionId {
        let test = TextTest::Equals(method.into());
        let matched = TextMatch { test, ignore_case: false };
        self.expressions.atom(Atom::Text(TextField::Method, matched))
    }
}
