//! Projects: named by resources, made by the plan, or set for a provider.

use crate::source::Span;
use crate::source::tree::Node;
use crate::topology::organization::Project;
use crate::topology::record::{Map, Spanned};

use super::code::UNKNOWN_PROJECT;
use super::cursor::Read;
use super::document::PlanResource;
use super::{PlanReader, attribute, domain_mapping, names, service};

/// The type of projects.
pub const KIND: &str = "google_project";
/// What the project is called that the plan does not name.
const UNNAMED: &str = "unknown-project";

/// The project of a resource.
#[derive(Clone, Debug)]
pub struct Home {
    /// Its id.
    pub id: String,
    /// Where the plan says it.
    pub span: Span,
    /// Whether it does.
    pub said: bool,
}

impl<'a> PlanReader<'_, 'a, '_> {
    /// Adds the projects that the plan makes.
    pub fn read_projects(&mut self) {
        let resources = self.resources(&[KIND]);
        let ids = names::ids(resources.iter().map(|(_, resource)| *resource));
        for ((at, resource), id) in resources.into_iter().zip(ids) {
            let (id, span) = match resource.root.text(attribute::PROJECT_ID) {
                Read::Known(id, span) => (id.to_owned(), span),
                Read::Unset | Read::Unknown(_) => (id.as_ref().to_owned(), resource.span),
            };
            self.add_project(&id, span);
            self.keep_address("project", &id, resource);
            self.projects.insert(at, id);
        }
    }

    /// Adds a project unless it is there.
    pub fn add_project(&mut self, id: &str, span: Span) {
        let projects = &mut self.imported.topology.projects;
        if !projects.contains(id) {
            let project = Project {
                number: None,
                folder: None,
                hash: None,
                iam: Vec::new(),
                security_policies: Vec::new(),
                external_port_25: None,
                labels: Map::new(),
                span,
            };
            projects.insert(id, span, project);
        }
    }

    /// The project of a resource, as the plan says it.
    pub fn said_project(&self, resource: &PlanResource<'a>) -> Option<Spanned<String>> {
        let own = resource.root.text(attribute::PROJECT);
        if let Read::Known(id, span) = own {
            return Some(Spanned::new(id.to_owned(), span));
        }
        if [service::V1, domain_mapping::KIND].contains(&resource.kind)
            && let Read::Known(id, span) = resource.root.text(attribute::V1_NAMESPACE)
        {
            return Some(Spanned::new(id.to_owned(), span));
        }
        match own {
            Read::Unknown(why) => self.made_project(resource, why.expression),
            Read::Known(..) | Read::Unset => {
                let expression = self.plan.configuration.provider(resource, "project")?;
                let constant = expression.get("constant_value");
                if let Some(id) = constant.filter(|node| node.as_str() != Some("")) {
                    return Some(Spanned::new(id.as_str()?.to_owned(), id.span));
                }
                let references = expression.get("references").and_then(Node::as_list);
                let mut references = references.unwrap_or_default().iter().filter_map(Node::as_str);
                let variable = references.find_map(|each| each.strip_prefix("var."));
                match variable.and_then(|name| self.plan.variable(name)) {
                    Some((id, span)) => Some(Spanned::new(id.to_owned(), span)),
                    None => self.made_project(resource, Some(expression)),
                }
            }
        }
    }

    /// The one project of the plan that an expression refers to.
    fn made_project(
        &self,
        resource: &PlanResource<'a>,
        expression: Option<&'a Node>,
    ) -> Option<Spanned<String>> {
        let referents = self.plan.referents(resource, expression, &[KIND]);
        let [at] = referents.resources.as_slice() else { return None };
        let id = self.projects.get(at)?;
        let span = self.plan.resources.get(*at).map_or(Span::none(), |project| project.span);
        Some(Spanned::new(id.clone(), span))
    }

    /// The project of a resource of the topology, which is added to it.
    pub fn home(&mut self, resource: &PlanResource<'a>) -> Home {
        let home = match self.said_project(resource) {
            Some(Spanned { value: id, span }) => Home { id, span, said: true },
            None => {
                self.homeless.push(Spanned::new(resource.address.clone(), resource.span));
                Home { id: UNNAMED.to_owned(), span: resource.span, said: false }
            }
        };
        self.add_project(&home.id, home.span);
        home
    }

    /// Reports the resources whose project is not known.
    pub fn report_homeless(&mut self) {
        let Some(first) = self.homeless.first() else { return };
        let others = match self.homeless.len() {
            1 => String::new(),
            2 => " and of one other resource".to_owned(),
            count => format!(" and of {} other resources", count - 1),
        };
        let message = format!(
            "the plan does not say the project of `{}`{others}; it is called `{UNNAMED}`",
            first.value
        );
        let finding = UNKNOWN_PROJECT.finding(message).at(first.span);
        let help = "set `project` on the provider, so that the plan names it";
        self.findings.push(finding.address(first.value.as_ref()).help(help));
    }
}
